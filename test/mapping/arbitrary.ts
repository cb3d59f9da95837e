import fc from 'fast-check'
import { z } from 'zod'

/**
 * Records that a zod schema accepts, made from the schema itself, so that a new field is in the properties at once.
 * Rules across fields are met by filtering, after `mend` has had a chance to make a record that meets them.
 */
export const recordsOf = (schema: z.ZodType, mend: (record: unknown) => unknown = (record) => record): fc.Arbitrary<unknown> =>
  valueOf(schema).map(mend).filter(acceptedBy(schema))

/** A generator that makes nothing acceptable is a defect of the generator, and must not look like a slow test. */
const acceptedBy = (schema: z.ZodType): ((record: unknown) => boolean) => {
  let refusals = 0
  return (record) => {
    const parsed = schema.safeParse(record)
    refusals = parsed.success ? 0 : refusals + 1
    if (refusals > 500)
      throw new Error(`nothing acceptable is made: ${parsed.error?.issues.map((i) => i.message).join('; ') ?? ''}`)
    return parsed.success
  }
}

const KEYS = fc.constantFrom('a', 'b-2', 'C.3', 'd_4', '05')
const DAYS = fc
  .date({ min: new Date('1930-01-01T00:00:00Z'), max: new Date('2035-12-31T00:00:00Z'), noInvalidDate: true })
  .map((at) => at.toISOString().slice(0, 10))
const MOMENTS = fc
  .tuple(DAYS, fc.nat(23), fc.nat(59), fc.nat(59), fc.constantFrom('Z', '-06:00', '+05:30'))
  .map(([on, h, m, s, offset]) => `${on}T${two(h)}:${two(m)}:${two(s)}${offset}`)
const two = (n: number): string => String(n).padStart(2, '0')
const TEXTS = fc.string({ unit: 'grapheme', minLength: 1, maxLength: 40 }).filter((t) => /\S/.test(t) && !/\p{Cc}/u.test(t))

const stringOf = (schema: z.ZodString | z.ZodStringFormat): fc.Arbitrary<string> => {
  const bag: unknown = schema.meta()
  if (typeof bag === 'object' && bag !== null && 'is' in bag) return bag.is === 'moment' ? MOMENTS : TEXTS
  const { format } = schema
  if (format === 'date') return DAYS
  if (format === 'datetime') return MOMENTS
  if (format === 'url')
    return fc.constantFrom('urn:oid:2.16.840.1.113883.4.1', 'https://hmis.example.org/personal-id', 'http://careware.example/urn')
  if (format === 'email') return fc.constantFrom('jordan.htest@example.org', 'a+b@example.com')
  const pattern = schema._zod.def.checks
    ?.map((check) => check._zod.def)
    .find((def) => 'pattern' in def && def.pattern instanceof RegExp)
  if (pattern === undefined || !('pattern' in pattern) || !(pattern.pattern instanceof RegExp)) return TEXTS
  return pattern.pattern.source.includes('A-Za-z0-9._-') ? KEYS : fc.stringMatching(pattern.pattern)
}

const valueOf = (schema: unknown): fc.Arbitrary<unknown> => {
  if (schema instanceof z.ZodObject) return objectOf(schema)
  if (schema instanceof z.ZodOptional) return valueOf(schema.unwrap())
  if (schema instanceof z.ZodArray) {
    const { minLength, maxLength } = lengthsOf(schema)
    return fc.array(valueOf(schema.element), { minLength, maxLength: Math.min(maxLength, 4) })
  }
  if (schema instanceof z.ZodUnion) return fc.oneof(...schema.options.map(valueOf))
  if (schema instanceof z.ZodEnum) return fc.constantFrom(...schema.options)
  if (schema instanceof z.ZodLiteral) return fc.constantFrom(...schema.values)
  if (schema instanceof z.ZodBoolean) return fc.boolean()
  if (schema instanceof z.ZodNumber)
    return schema.format === 'safeint'
      ? fc.integer({ min: schema.minValue ?? 0, max: schema.maxValue ?? 1000 })
      : fc.integer({ min: 0, max: 100_000 }).map((n) => n / 100)
  if (schema instanceof z.ZodString || schema instanceof z.ZodStringFormat) return stringOf(schema)
  throw new Error('the generator does not know this schema')
}

const lengthsOf = (schema: z.ZodArray): { minLength: number; maxLength: number } => {
  let minLength = 0
  let maxLength = 4
  for (const check of schema._zod.def.checks ?? []) {
    const { def } = check._zod
    if ('minimum' in def && typeof def.minimum === 'number') minLength = def.minimum
    if ('maximum' in def && typeof def.maximum === 'number') maxLength = def.maximum
  }
  return { minLength, maxLength }
}

const objectOf = (schema: z.ZodObject): fc.Arbitrary<unknown> => {
  const model: Record<string, fc.Arbitrary<unknown>> = {}
  const requiredKeys: string[] = []
  for (const [name, field] of Object.entries(schema.shape)) {
    model[name] = valueOf(field)
    if (!(field instanceof z.ZodOptional)) requiredKeys.push(name)
  }
  return fc.record(model, { requiredKeys }).map((made) => ({ ...made }))
}
