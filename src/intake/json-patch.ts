// In: a resource and the operations of a JSON Patch. Out: the patched resource, or what is wrong with the operations.
// Never: changes the resource that it was given, or tells in a problem what a value was.
import { applyPatch as apply } from 'rfc6902'
import { z } from 'zod'
import { problem } from '../platform/problem.ts'
import { fail, ok, type Result } from '../platform/result.ts'

const pointer = z.string().regex(/^(\/([^~/]|~[01])*)*$/, 'is not a JSON pointer')

const operations = z
  .array(
    z.discriminatedUnion('op', [
      z.object({ op: z.literal('add'), path: pointer, value: z.unknown() }),
      z.object({ op: z.literal('replace'), path: pointer, value: z.unknown() }),
      z.object({ op: z.literal('test'), path: pointer, value: z.unknown() }),
      z.object({ op: z.literal('remove'), path: pointer }),
      z.object({ op: z.literal('move'), path: pointer, from: pointer }),
      z.object({ op: z.literal('copy'), path: pointer, from: pointer }),
    ]),
  )
  .max(1000)

const OWN_NAMES = /(^|\/)(__proto__|constructor|prototype)(\/|$)/

/** @spec RFC 6902; FHIR R4 http.html#patch */
export const applyPatch = (
  resource: Readonly<Record<string, unknown>>,
  patch: readonly unknown[],
): Result<Readonly<Record<string, unknown>>> => {
  const parsed = operations.safeParse(patch)
  if (!parsed.success || OWN_NAMES.test(JSON.stringify(parsed.data.map(({ path }) => path))))
    return fail(problem('invalid', 'patch-malformed', { detail: 'an operation of the patch is malformed' }))
  const copy = structuredClone(resource) as Record<string, unknown>
  const failed = apply(copy, parsed.data).findIndex((error) => error !== null)
  if (failed >= 0)
    return fail(
      problem('conflict', 'patch-not-applicable', { detail: `operation ${String(failed)} of the patch does not apply` }),
    )
  return ok(copy)
}
