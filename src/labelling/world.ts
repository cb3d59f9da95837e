import type { Sensitivity } from '../model/label.ts'
import type { Partner, PartnerSector } from '../model/partner.ts'

/** The house's sensitivity codes, for what v3-ActCode has no word. */
export const PROGRAM_IDENTITY = 'PROGRAM-IDENTITY'
export const JUSTICE = 'JUSTICE'
/** Content that the gateway cannot read, such as a scan. */
export const UNREAD = 'UNREAD'

/** The labels that a person may give to a text: those that the rules give, and no others. @spec v3-ActCode, and the house's own */
export const LABELS_TO_GIVE: ReadonlySet<Sensitivity> = new Set(
  'COGN DVD ETHUD GDIS HIV JUSTICE MH OPIOIDUD PROGRAM-IDENTITY PSY PSYTHPN SCA SDV SEX STD SUD SUD-COUNSELING-NOTE TBOO VIO'.split(
    ' ',
  ),
)

/** What to know an organisation by that tells something by being named. */
export interface TellingOrganization {
  readonly reference: string
  readonly names: readonly string[]
  readonly identifiers: readonly string[]
  readonly sensitivity: readonly Sensitivity[]
}

const BY_SECTOR: Readonly<Partial<Record<PartnerSector, readonly Sensitivity[]>>> = {
  mission: [PROGRAM_IDENTITY],
  'behavioural-health': ['MH'],
  hiv: ['HIV'],
  justice: [JUSTICE],
}

/**
 * The partners whose mere name tells something: Part 2 programmes, HIV clinics, behavioural health, justice.
 * @law 42 CFR 2.13(c)
 */
export const tellingOrganizations = (partners: readonly Partner[]): readonly TellingOrganization[] =>
  partners.flatMap((partner) => {
    const sensitivity = new Set(BY_SECTOR[partner.sector] ?? [])
    if (partner.kinds.includes('part2-program')) sensitivity.add(PROGRAM_IDENTITY)
    if (partner.kinds.includes('part2-program') && partner.sector !== 'mission') sensitivity.add('SUD')
    if (sensitivity.size === 0) return []
    return [
      {
        reference: `Organization/${partner.id}`,
        names: [partner.name.trim().toLowerCase()].filter((name) => name.length > 3),
        identifiers: partner.identifiers.map((i) => `${i.system}|${i.value}`),
        sensitivity: [...sensitivity].sort(),
      },
    ]
  })

/** A person's word on one doubtful text; counts only as long as the text at that place is the one that was read. */
export interface Review {
  /** Of the part that waits; empty for the whole record. */
  readonly pointer: string
  readonly text: string
  readonly verdict: 'harmless' | 'sensitive'
  /** What the person says that it tells, in place of what the rule suspected. */
  readonly sensitivity?: readonly Sensitivity[]
}

/** What labelling must know beyond the records: who the partners are, and what the officer has said. */
export interface World {
  readonly partners?: readonly Partner[]
  /** Organisations, staff and places on file that tell something, whoever names them. */
  readonly telling?: readonly TellingOrganization[]
  /** By `Type/id`. */
  readonly reviews?: ReadonlyMap<string, readonly Review[]>
}
