import { createHash } from 'node:crypto'
import { stripTypeScriptTypes } from 'node:module'

/** Jest sees what Node runs: the same file with its types blanked out, so that line numbers stay. */
export default {
  process: (source) => ({ code: stripTypeScriptTypes(source) }),
  getCacheKey: (source, path) => createHash('sha256').update(path).update(source).digest('hex'),
}
