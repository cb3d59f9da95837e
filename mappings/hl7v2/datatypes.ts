import type { Address, CodeableConcept, Coding, HumanName, Identifier, Period } from '@medplum/fhirtypes'
import type { Component, Repetition, Text } from '../../src/formats/hl7v2/build.ts'
import { parseTime, timeOfDateTime } from '../../src/formats/hl7v2/time.ts'
import { identifierSystem } from '../../src/mapping/context.ts'
import type { FieldReader } from './reader.ts'
import { ADDRESS_USE, GENDER, IDENTIFIER_TYPE, nameOfSystem, NAME_USE, systemOfName } from './tables.ts'

/** Leaves out what is absent, so that no resource carries an empty member. */
export const present = <T extends object>(value: T): { [K in keyof T]: Exclude<T[K], undefined> } | undefined => {
  const entries = Object.entries(value).filter(
    ([, member]) => member !== undefined && !(Array.isArray(member) && member.length === 0),
  )
  // the filter above is what the type says
  return entries.length === 0 ? undefined : (Object.fromEntries(entries) as { [K in keyof T]: Exclude<T[K], undefined> })
}

/** Every value that is there. */
export const some = <T>(values: readonly (T | undefined)[]): T[] => values.filter((value) => value !== undefined)

/** A FHIR `dateTime` with the precision and offset of the field; a zone that had to be assumed is noted as a loss. */
export const dateTime = (field: FieldReader | undefined, zone: string, component = 1): string | undefined => {
  const raw = field?.text(component)
  if (field === undefined || raw === undefined) return undefined
  const time = parseTime(raw, zone)
  if (!time.ok) {
    field.lose('invalid', component)
    return undefined
  }
  if (time.value.assumedZone !== undefined) field.lose('zone-assumed', component)
  if (time.value.precision === 'minute' || time.value.precision === 'hour') field.lose('precision', component)
  return time.value.dateTime
}

/** A FHIR `date`: the calendar day as it was written, without its time. */
export const dateOf = (field: FieldReader | undefined, zone: string, component = 1): string | undefined => {
  const whole = dateTime(field, zone, component)
  if (whole !== undefined && whole.length > 10) field?.lose('precision', component)
  return whole?.slice(0, 10)
}

export const timeText = (value: string | undefined): Text => (value === undefined ? undefined : timeOfDateTime(value))

const period = (start: string | undefined, end: string | undefined): Period | undefined => present({ start, end })

/** CWE, CE. @spec v2-to-FHIR CWE[CodeableConcept] */
export const concept = (field: FieldReader | undefined): CodeableConcept | undefined => {
  if (field === undefined) return undefined
  const coding = some([codingAt(field, 1), codingAt(field, 4)])
  return present({ coding, text: field.text(9) })
}

const codingAt = (field: FieldReader, first: number): Coding | undefined => {
  const code = field.text(first)
  const system = field.text(first + 2)
  const version = field.text(first === 1 ? 7 : 8)
  return present({
    system: system === undefined ? undefined : systemOfName(system),
    version,
    code,
    display: field.text(first + 1),
  })
}

export const conceptText = (value: CodeableConcept | undefined): Repetition => {
  if (value === undefined) return undefined
  const [first, second] = value.coding ?? []
  const part = (coding: Coding | undefined): readonly Text[] => [
    coding?.code,
    coding?.display,
    coding?.system === undefined ? undefined : nameOfSystem(coding.system),
  ]
  const bare = first === undefined && second === undefined ? value.text : undefined
  return [
    ...part(first).map((text, i) => (i === 1 ? (text ?? bare) : text)),
    ...part(second),
    first?.version,
    second?.version,
    bare === undefined ? value.text : undefined,
  ]
}

/** The URI of an assigning authority, HD. @spec v2-to-FHIR HD[uri] */
const authority = (
  namespace: string | undefined,
  universal: string | undefined,
  type: string | undefined,
): string | undefined => {
  if (universal === undefined)
    return namespace === undefined ? undefined : identifierSystem(`v2/${encodeURIComponent(namespace)}`)
  if (type === 'ISO') return `urn:oid:${universal}`
  if (type === 'UUID' || type === 'GUID') return `urn:uuid:${universal.toLowerCase()}`
  if (type === 'URI' || type === 'URL') return universal
  return identifierSystem(
    `v2/${encodeURIComponent(namespace ?? '')}/${encodeURIComponent(universal)}/${encodeURIComponent(type ?? '')}`,
  )
}

const LOCAL = identifierSystem('v2/')
/** Our own systems are written as a namespace, which says nothing of the programme. */
const OURS = identifierSystem('')

const authorityText = (system: string | undefined, namespace: string | undefined): readonly Text[] => {
  if (system === undefined) return [namespace]
  if (system.startsWith(LOCAL))
    return system
      .slice(LOCAL.length)
      .split('/')
      .map((part) => (part === '' ? undefined : decodeURIComponent(part)))
  if (system.startsWith(OURS)) return [system.slice(OURS.length)]
  if (system.startsWith('urn:oid:')) return [namespace, system.slice(8), 'ISO']
  if (system.startsWith('urn:uuid:')) return [namespace, system.slice(9), 'UUID']
  return [namespace, system, 'URI']
}

/** CX. @spec v2-to-FHIR CX[Identifier] */
export const identifier = (field: FieldReader | undefined, zone: string, type?: string): Identifier | undefined => {
  const value = field?.text(1)
  if (field === undefined || value === undefined) return undefined
  const namespace = field.text(4, 1)
  const universal = field.text(4, 2)
  const code = field.text(5) ?? type
  return present({
    type: code === undefined ? undefined : { coding: [{ system: IDENTIFIER_TYPE, code }] },
    system: authority(namespace, universal, field.text(4, 3)),
    value,
    assigner: present({ display: universal === undefined ? field.text(6) : (namespace ?? field.text(6)) }),
    period: period(dateOf(field, zone, 7), dateOf(field, zone, 8)),
  })
}

export const identifierText = (value: Identifier): Repetition => {
  const hasUniversal = value.system?.startsWith('urn:') === true
  return [
    value.value,
    undefined,
    undefined,
    authorityText(value.system, hasUniversal ? value.assigner?.display : undefined),
    value.type?.coding?.find((coding) => coding.system === IDENTIFIER_TYPE)?.code,
    hasUniversal ? undefined : value.assigner?.display,
    timeText(value.period?.start),
    timeText(value.period?.end),
  ]
}

/** EI: an identifier without a type of its own. @spec v2-to-FHIR EI[Identifier-System] */
export const entityIdentifier = (field: FieldReader | undefined, type: string): Identifier | undefined => {
  const value = field?.text(1)
  if (field === undefined || value === undefined) return undefined
  const namespace = field.text(2)
  const universal = field.text(3)
  return present({
    type: { coding: [{ system: IDENTIFIER_TYPE, code: type }] },
    system: authority(namespace, universal, field.text(4)),
    value,
    assigner: universal === undefined || namespace === undefined ? undefined : { display: namespace },
  })
}

export const entityIdentifierText = (value: Identifier | undefined): Repetition =>
  value === undefined ? undefined : [value.value, ...authorityText(value.system, value.assigner?.display)]

/** XPN. @spec v2-to-FHIR XPN[HumanName] */
export const humanName = (field: FieldReader | undefined, zone: string, first = 1): HumanName | undefined => {
  if (field === undefined) return undefined
  const at = (component: number): string | undefined => field.text(component - 1 + first)
  const isPerson = first === 1
  return present({
    use: isPerson ? NAME_USE.toFhir(field.text(7)) : undefined,
    family: at(1),
    given: some([at(2), ...(at(3)?.split(' ') ?? [])]),
    prefix: some([at(5)]),
    suffix: some([at(4), at(6)]),
    period: isPerson ? period(dateOf(field, zone, 12), dateOf(field, zone, 13)) : undefined,
  })
}

const DEGREES = /^(MD|DO|PHD|RN|NP|PA|LCSW|MSW|JD|DDS|DR|D)$/i

export const humanNameText = (value: HumanName): readonly Component[] => {
  const [first, ...others] = value.given ?? []
  const suffixes = value.suffix ?? []
  const degree = suffixes.find((suffix) => DEGREES.test(suffix)) ?? suffixes[1]
  return [
    value.family ?? (first === undefined ? value.text : undefined),
    first,
    others.length === 0 ? undefined : others.join(' '),
    suffixes.find((suffix) => suffix !== degree),
    value.prefix?.[0],
    degree,
    NAME_USE.toV2(value.use),
    undefined,
    undefined,
    undefined,
    undefined,
    timeText(value.period?.start),
    timeText(value.period?.end),
  ]
}

/** XAD. @spec v2-to-FHIR XAD[Address] */
export const address = (field: FieldReader | undefined, zone: string): Address | undefined => {
  if (field === undefined) return undefined
  const type = field.text(7)
  const use = ADDRESS_USE.toFhir(type)
  if (type !== undefined && use === undefined && type !== 'M') field.lose('code-unknown', 7)
  return present({
    use: use,
    type: type === 'M' ? ('postal' as const) : undefined,
    line: some([some([field.text(1, 1), field.text(1, 2)]).join(' ') || undefined, field.text(2)]),
    city: field.text(3)?.trim(),
    state: field.text(4),
    postalCode: field.text(5),
    country: field.text(6),
    district: field.text(9),
    period: period(dateOf(field, zone, 13), dateOf(field, zone, 14)),
  })
}

const textOrNothing = (text: string): Text => (text === '' ? undefined : text)

export const addressText = (value: Address): Repetition => [
  value.line?.[0],
  textOrNothing((value.line ?? []).slice(1).join(', ')),
  value.city,
  value.state,
  value.postalCode,
  value.country,
  ADDRESS_USE.toV2(value.use) ?? (value.type === 'postal' ? 'M' : undefined),
  undefined,
  value.district,
  undefined,
  undefined,
  undefined,
  timeText(value.period?.start),
  timeText(value.period?.end),
]

export const gender = (field: FieldReader | undefined): 'male' | 'female' | 'other' | 'unknown' | undefined => {
  const code = field?.text(1)
  const found = GENDER.toFhir(code)
  if (code !== undefined && found === undefined) field?.lose('code-unknown')
  return found
}
