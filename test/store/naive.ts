import type { Json } from '../../src/formats/fhir/search-path.ts'

/**
 * A search as a reader of the specification would do it by hand, over resources in memory, for the parameters that
 * search-property.test.ts asks for. It shares no code with the store: no terms, no spans, no paths, no SQL.
 */

type Look = (resource: Json) => readonly unknown[]

const at = (value: unknown, ...names: readonly string[]): readonly unknown[] => {
  const [name, ...rest] = names
  if (value === undefined || value === null) return []
  if (Array.isArray(value)) return value.flatMap((one) => at(one, ...names))
  if (name === undefined) return [value]
  return at((value as Json)[name], ...rest)
}

/** Where the values are, by type and parameter. */
export const LOOKS: Readonly<
  Record<string, Readonly<Record<string, readonly [kind: 'token' | 'string' | 'date' | 'reference' | 'quantity', look: Look]>>>
> = {
  Patient: {
    family: ['string', (r) => at(r, 'name', 'family')],
    given: ['string', (r) => at(r, 'name', 'given')],
    gender: ['token', (r) => at(r, 'gender')],
    birthdate: ['date', (r) => at(r, 'birthDate')],
    identifier: ['token', (r) => at(r, 'identifier')],
  },
  Condition: {
    code: ['token', (r) => at(r, 'code')],
    'clinical-status': ['token', (r) => at(r, 'clinicalStatus')],
    subject: ['reference', (r) => at(r, 'subject')],
    patient: ['reference', (r) => at(r, 'subject')],
    encounter: ['reference', (r) => at(r, 'encounter')],
    'onset-date': ['date', (r) => [...at(r, 'onsetDateTime'), ...at(r, 'onsetPeriod')]],
    'recorded-date': ['date', (r) => at(r, 'recordedDate')],
  },
  Encounter: {
    status: ['token', (r) => at(r, 'status')],
    class: ['token', (r) => at(r, 'class')],
    subject: ['reference', (r) => at(r, 'subject')],
    patient: ['reference', (r) => at(r, 'subject')],
    date: ['date', (r) => at(r, 'period')],
  },
  Observation: {
    code: ['token', (r) => at(r, 'code')],
    subject: ['reference', (r) => at(r, 'subject')],
    patient: ['reference', (r) => at(r, 'subject')],
    encounter: ['reference', (r) => at(r, 'encounter')],
    date: ['date', (r) => at(r, 'effectiveDateTime')],
    'value-quantity': ['quantity', (r) => at(r, 'valueQuantity')],
  },
}

interface Stretch {
  readonly from: number
  readonly to: number
}

/** First and one past the last millisecond that a date may mean. */
const stretchOf = (text: string): Stretch => {
  if (/^\d{4}$/.test(text)) return { from: Date.UTC(Number(text)), to: Date.UTC(Number(text) + 1) }
  const [year, month] = text.split('-').map(Number)
  if (/^\d{4}-\d\d$/.test(text)) return { from: Date.UTC(year ?? 0, (month ?? 1) - 1), to: Date.UTC(year ?? 0, month ?? 1) }
  const from = Date.parse(text)
  return { from, to: from + (text.includes('T') ? 1_000 : 86_400_000) }
}

const dateOf = (value: unknown): Stretch => {
  if (typeof value === 'string') return stretchOf(value)
  const { start, end } = value as { start?: string; end?: string }
  return { from: start === undefined ? -Infinity : stretchOf(start).from, to: end === undefined ? Infinity : stretchOf(end).to }
}

const plain = (text: string): string =>
  text
    .normalize('NFD')
    .replace(/[\u0300-\u036f]/g, '')
    .toLowerCase()

const dateMatches = (value: unknown, wanted: string): boolean => {
  const [, prefix = 'eq', text = ''] = /^(eq|ne|gt|lt|ge|le|sa|eb)?(.*)$/.exec(wanted) ?? []
  const { from, to } = dateOf(value)
  const asked = stretchOf(text)
  const inside = from >= asked.from && to <= asked.to
  if (prefix === 'ne') return !inside
  if (prefix === 'gt') return to > asked.to
  if (prefix === 'lt') return from < asked.from
  if (prefix === 'ge') return to > asked.to || inside
  if (prefix === 'le') return from < asked.from || inside
  if (prefix === 'sa') return from >= asked.to
  return prefix === 'eb' ? to <= asked.from : inside
}

const tokenMatches = (value: unknown, wanted: string): boolean => {
  if (typeof value === 'string') return wanted === value || wanted === `|${value}`
  const one = value as { coding?: unknown[]; system?: string; code?: string; value?: string }
  if (one.coding !== undefined) return one.coding.some((coding) => tokenMatches(coding, wanted))
  const code = one.code ?? one.value
  const [system, rest] = wanted.includes('|')
    ? [wanted.slice(0, wanted.indexOf('|')), wanted.slice(wanted.indexOf('|') + 1)]
    : [undefined, wanted]
  if (system === undefined) return code === rest
  if (system === '') return one.system === undefined && code === rest
  return one.system === system && (rest === '' || code === rest)
}

const quantityMatches = (value: unknown, wanted: string): boolean => {
  const quantity = value as { value: number; system?: string; code?: string; unit?: string }
  const [number = '', system = '', code = ''] = wanted.split('|')
  const [, prefix = 'eq', text = ''] = /^(eq|ne|gt|lt|ge|le)?(.*)$/.exec(number) ?? []
  if (code !== '' && system === '' && quantity.code !== code && quantity.unit !== code) return false
  if (code !== '' && system !== '' && (quantity.code !== code || quantity.system !== system)) return false
  const asked = Number(text)
  const half = 0.5 * 10 ** -(text.split('.')[1]?.length ?? 0)
  const near = quantity.value >= asked - half && quantity.value < asked + half
  if (prefix === 'ne') return !near
  if (prefix === 'gt') return quantity.value > asked
  if (prefix === 'lt') return quantity.value < asked
  if (prefix === 'ge') return quantity.value >= asked
  return prefix === 'le' ? quantity.value <= asked : near
}

const stringMatches = (value: unknown, wanted: string, modifier: string | undefined): boolean => {
  const text = String(value)
  if (modifier === 'exact') return text === wanted
  return modifier === 'contains' ? plain(text).includes(plain(wanted)) : plain(text).startsWith(plain(wanted))
}

const referenceMatches = (value: unknown, wanted: string, code: string): boolean => {
  const reference = (value as { reference?: string }).reference ?? ''
  if (code === 'patient' && !reference.startsWith('Patient/')) return false
  return reference === wanted || (!wanted.includes('/') && reference.split('/')[1] === wanted)
}

/** Whether a resource meets one parameter, in the world of `others`. */
const meets = (resource: Json, name: string, text: string, others: readonly Json[]): boolean => {
  const type = String(resource['resourceType'])
  if (name === '_id') return text.split(',').includes(String(resource['id']))
  if (name.startsWith('_has:')) {
    const [, from = '', code = '', ...rest] = name.split(':')
    return others.some(
      (other) =>
        other['resourceType'] === from &&
        (LOOKS[from]?.[code]?.[1](other) ?? []).some(
          (value) => (value as { reference?: string }).reference === `${type}/${String(resource['id'])}`,
        ) &&
        meets(other, rest.join(':'), text, others),
    )
  }
  const [own = '', ...chain] = name.split('.')
  const [code = '', modifier] = own.split(':')
  const [kind, look] = LOOKS[type]?.[code] ?? []
  const values = look?.(resource) ?? []
  if (chain.length > 0) {
    return others.some(
      (other) =>
        (modifier === undefined || other['resourceType'] === modifier) &&
        values.some(
          (value) => (value as { reference?: string }).reference === `${String(other['resourceType'])}/${String(other['id'])}`,
        ) &&
        LOOKS[String(other['resourceType'])]?.[chain[0]?.split(':')[0] ?? ''] !== undefined &&
        meets(other, chain.join('.'), text, others),
    )
  }
  if (modifier === 'missing')
    return (
      (values.filter(
        (value) =>
          code !== 'patient' || referenceMatches(value, '', 'x') || String((value as Json)['reference']).startsWith('Patient/'),
      ).length ===
        0) ===
      (text === 'true')
    )
  const wanted = text.split(',')
  const matches = (value: unknown): boolean =>
    wanted.some((one) => {
      if (kind === 'date') return dateMatches(value, one)
      if (kind === 'token') return tokenMatches(value, one)
      if (kind === 'quantity') return quantityMatches(value, one)
      if (kind === 'string') return stringMatches(value, one, modifier)
      return referenceMatches(value, modifier === 'Patient' ? `Patient/${one}` : one, code)
    })
  return modifier === 'not' ? !values.some(matches) : values.some(matches)
}

/** Ids of all that match, in order of id. */
export const naiveSearch = (
  world: readonly Json[],
  type: string,
  parameters: readonly (readonly [string, string])[],
): readonly string[] =>
  world
    .filter(
      (resource) => resource['resourceType'] === type && parameters.every(([name, text]) => meets(resource, name, text, world)),
    )
    .map((resource) => String(resource['id']))
    .sort()
