// In: codes, references and addresses, of a resource or of a query. Out: the one spelling under which both are compared.
// Never: keeps a value that is longer than an index row may be; PostgreSQL hashes each term.

/** `Observation.code`: what a value is a value of. */
export type Slot = string

export const slotOf = (type: string, code: string): Slot => `${type}.${code}`

/** A code with the system it is from. */
export interface Token {
  readonly system?: string | undefined
  readonly code?: string | undefined
}

/** There is some value. */
export const presentTerm = (slot: Slot): string => `${slot}+`
/** `code`, from whatever system. */
export const codeTerm = (slot: Slot, code: string): string => `${slot}=c:${code}`
/** `system|code`. */
export const systemCodeTerm = (slot: Slot, system: string, code: string): string => `${slot}=s:${system}|${code}`
/** `|code`: a code that has no system. */
export const bareCodeTerm = (slot: Slot, code: string): string => `${slot}=n:${code}`
/** `system|`: any code of a system. */
export const systemTerm = (slot: Slot, system: string): string => `${slot}=y:${system}`
/** `:of-type`, an identifier by the coding of its type. */
export const ofTypeTerm = (slot: Slot, system: string, code: string, value: string): string =>
  `${slot}=o:${system}|${code}|${value}`
/** `Type/id`. */
export const referenceTerm = (slot: Slot, type: string, id: string): string => `${slot}=r:${type}/${id}`
/** `id` alone. */
export const referenceIdTerm = (slot: Slot, id: string): string => `${slot}=i:${id}`
/** An address: a uri, a canonical, or a reference to another server. */
export const uriTerm = (slot: Slot, uri: string): string => `${slot}=u:${uri}`
/** `:identifier` on a reference. */
export const referenceIdentifierSlot = (slot: Slot): Slot => `${slot}:identifier`
/** The words of `:text` on a token. */
export const textSlot = (slot: Slot): Slot => `${slot}:text`
/** The unit of a quantity, by code with its system, or by code or written unit without one. */
export const unitTerm = (system: string, code: string): string => `${system}|${code}`

/** Every term under which a token is found. */
export const tokenTerms = (slot: Slot, { system, code }: Token): readonly string[] => [
  presentTerm(slot),
  ...(code === undefined
    ? []
    : [codeTerm(slot, code), system === undefined ? bareCodeTerm(slot, code) : systemCodeTerm(slot, system, code)]),
  ...(system === undefined ? [] : [systemTerm(slot, system)]),
]

/** How a token is written inside the pair of a composite: the three ways to ask for it. */
export const tokenSpellings = ({ system, code }: Token): readonly string[] =>
  code === undefined ? [] : [code, system === undefined ? `|${code}` : `${system}|${code}`]

/** The slot of the second component of a composite, for one spelling of the first. */
export const pairSlot = (slot: Slot, first: string): Slot => `${slot}$${first}`

/**
 * How strings compare: without case, accents and runs of white space.
 * @spec FHIR R4 Search, string
 */
export const normalised = (text: string): string =>
  text.normalize('NFKD').replace(/\p{M}/gu, '').toLowerCase().replace(/\s+/g, ' ').trim()
