import { isArray, isObject } from './json.ts'
import type { Json, JsonObject } from './json.ts'

const DS4P = 'http://hl7.org/fhir/uv/security-label-ds4p/StructureDefinition/'
/** A label on one element. @spec DS4P 1.0.0 inline security labels */
const INLINE_URL = `${DS4P}extension-inline-sec-label`
/** How `meta` says that there are such labels: as an extension, and as a code. @spec DS4P 0.3.0, 1.0.0 */
const HAS_INLINE_URL = `${DS4P}extension-has-inline-sec-label`
const HAS_INLINE_CODES: readonly Json[] = ['PROCESSINLINELABEL', 'HAS-INLINE-SEC-LABELS']

const isMark = (label: Json): boolean => isObject(label) && label.code !== undefined && HAS_INLINE_CODES.includes(label.code)

const isMarkExtension = (extension: Json): boolean => isObject(extension) && extension.url === HAS_INLINE_URL

/**
 * `meta` without the word that elements are labelled, where no label is left: it would say that one was.
 * @param left what is left of the resource
 */
export const withTrueInlineMark = (meta: JsonObject, left: JsonObject): JsonObject => {
  const [security, extension] = [listOf(meta.security), listOf(meta.extension)]
  if (!security.some(isMark) && !extension.some(isMarkExtension)) return meta
  if (bearsInlineLabel(left)) return meta
  const { security: _, extension: __, ...rest } = meta
  const kept = [security.filter((label) => !isMark(label)), extension.filter((one) => !isMarkExtension(one))] as const
  return {
    ...rest,
    ...(kept[0].length > 0 && { security: kept[0] }),
    ...(kept[1].length > 0 && { extension: kept[1] }),
  }
}

const listOf = (value: Json | undefined): readonly Json[] => (isArray(value) ? value : [])

const bearsInlineLabel = (value: Json): boolean => {
  if (isArray(value)) return value.some(bearsInlineLabel)
  if (!isObject(value)) return false
  return (
    value.url === INLINE_URL ||
    Object.values(value).some((child) => typeof child === 'object' && child !== null && bearsInlineLabel(child))
  )
}
