export { covers, coversScope, parseScope, parseScopes, type Scope } from '../../model/scopes.ts'
