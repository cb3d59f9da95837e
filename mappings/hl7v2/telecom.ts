// In: an XTN field, or a ContactPoint. Out: the other, in the form that the version wants.
// Never: writes a number in a form that the version forbids, or loses how it was written.
import type { ContactPoint, Extension } from '@medplum/fhirtypes'
import { isAtLeast } from '../../src/formats/hl7v2/acknowledge.ts'
import type { Repetition, Text } from '../../src/formats/hl7v2/build.ts'
import { present, some } from './datatypes.ts'
import type { FieldReader } from './reader.ts'
import { TELECOM_SYSTEM, TELECOM_USE } from './tables.ts'

const PHONE_PARTS = [
  [5, 'http://hl7.org/fhir/StructureDefinition/contactpoint-country'],
  [6, 'http://hl7.org/fhir/StructureDefinition/contactpoint-area'],
  [7, 'http://hl7.org/fhir/StructureDefinition/contactpoint-local'],
  [8, 'http://hl7.org/fhir/StructureDefinition/contactpoint-extension'],
] as const

/** XTN. @spec v2-to-FHIR XTN[ContactPoint] */
export const contactPoint = (field: FieldReader | undefined): ContactPoint | undefined => {
  if (field === undefined) return undefined
  const parts = PHONE_PARTS.map(([component, url]) => ({ url, valueString: field.text(component) }))
  const [country, area, local, extension] = parts.map((part) => part.valueString)
  const built = [
    country === undefined ? undefined : `+${country.replace(/^\+/, '')}`,
    area === undefined ? undefined : `(${area})`,
    local,
    extension === undefined ? undefined : `x${extension}`,
  ]
  const value = field.text(4) ?? field.text(12) ?? numberOf(field) ?? (some(built).join(' ') || field.text(9))
  const use = field.text(2)
  const equipment = field.text(3)
  if (value === undefined) return undefined
  if (use !== undefined && TELECOM_USE.toFhir(use) === undefined && use !== 'NET') field.lose('code-unknown', 2)
  return present({
    extension: parts.flatMap(({ url, valueString }): Extension[] => (valueString === undefined ? [] : [{ url, valueString }])),
    system: use === 'NET' ? 'email' : (TELECOM_SYSTEM.toFhir(equipment) ?? 'phone'),
    value,
    use: equipment === 'CP' ? 'mobile' : TELECOM_USE.toFhir(use),
  })
}

const digitsOf = (text: string): string => text.replace(/\D/g, '')

/** XTN.1, or XTN.9 where the same number stands as it was written. */
const numberOf = (field: FieldReader): string | undefined => {
  const number = field.text(1)
  const free = field.text(9)
  if (number === undefined || free === undefined) return number
  if (digitsOf(free).endsWith(digitsOf(number))) return free
  field.lose('no-home', 9)
  return number
}

/** TN of versions before 2.5: numbers of North America only. @spec HL7 v2.4 §2.9.47 */
const telephoneNumber = (text: string): Text => {
  const [, area, office, line] = /^\+?1?(\d{3})(\d{3})(\d{4})$/.exec(text.replace(/[\s().-]/g, '')) ?? []
  return area === undefined ? undefined : `(${area})${office ?? ''}-${line ?? ''}`
}

/** Where a number stands as it is written: XTN.1 is bound to a form before 2.5 and withdrawn from 2.6 on. */
const placesOf = (plain: Text, version: string): { readonly first?: Text; readonly free?: Text; readonly last?: Text } => {
  if (plain === undefined) return {}
  if (isAtLeast(version, '2.6')) return { last: plain }
  if (isAtLeast(version, '2.5')) return { first: plain }
  const number = telephoneNumber(plain)
  return number === plain ? { first: plain } : { first: number, free: plain }
}

export const contactPointText = (value: ContactPoint, version: string): Repetition => {
  const isMail = value.system === 'email'
  const part = (url: string): Text => value.extension?.find((each) => each.url === url)?.valueString
  const parts = PHONE_PARTS.map(([, url]) => part(url))
  const hasParts = parts.some((text) => text !== undefined)
  const plain = isMail || hasParts ? undefined : value.value
  const equipment = value.use === 'mobile' ? 'CP' : TELECOM_SYSTEM.toV2(value.system)
  const { first, free, last } = placesOf(plain, version)
  return [
    first,
    isMail ? 'NET' : value.use === 'mobile' ? 'PRN' : TELECOM_USE.toV2(value.use),
    equipment,
    isMail ? value.value : undefined,
    ...parts,
    free,
    undefined,
    undefined,
    last,
  ]
}
