export function exampleResources(): readonly { readonly recordName?: string; readonly resource: object }[]
export function pages(): ReadonlyMap<string, string>
