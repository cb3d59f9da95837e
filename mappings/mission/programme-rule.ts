import type { PartnerSector } from '../../src/model/partner.ts'
import type { Tree } from '../../src/mapping/tree.ts'

/** What is known of a client when a record about them is held against the rules. */
export interface ProgrammeFacts {
  /** The client's records that are already there, by record type. */
  readonly records: Readonly<Record<string, readonly Tree[] | undefined>>
  /** Ids of other clients, none of which may stand in this client's records. */
  readonly otherClients?: ReadonlySet<string>
  /** Sector of a partner by its id. */
  readonly sectorOf?: (partner: string) => PartnerSector | undefined
  /** Partners that the programme has an agreement with; absent where agreements are not kept here. */
  readonly agreedPartners?: ReadonlySet<string>
}

/** One rule of the programme. `blocks` refuses the record; otherwise the sender is warned and the record is taken. */
export interface ProgrammeRule {
  readonly id: string
  /** Where the seeds say so. */
  readonly seed: string
  readonly elements: readonly string[]
  readonly on: readonly string[]
  /** The types of the client's other records that it looks at. */
  readonly reads?: readonly string[]
  readonly blocks: boolean
  readonly path: string
  /** What is wrong, in words that name nobody. */
  readonly says: string
  readonly isBreached: (record: Tree, facts: ProgrammeFacts) => boolean
}

/** A text, or none where there is something else. */
export const text = (value: unknown): string => (typeof value === 'string' ? value : '')

/** The client's records of a type that are already there. */
export const recordsIn = (facts: ProgrammeFacts, type: string): readonly Tree[] => facts.records[type] ?? []
