import type { Partner } from '../model/partner.ts'
import type { Instant } from '../model/time.ts'
import type { Clock } from '../platform/clock.ts'
import type { Db } from '../platform/db.ts'
import type { NewId } from '../platform/ids.ts'
import type { Log } from '../platform/log.ts'
import type { Ledger } from '../audit/ledger.ts'
import type { SensitivityRules } from '../labelling/rules.ts'
import type { Definitions } from '../validation/definitions.ts'

/** What the corridor works with; made once, by `app/context`. */
export interface House {
  readonly db: Db
  readonly clock: Clock
  readonly newId: NewId
  readonly log: Log
  readonly ledger: Ledger
  readonly rules: SensitivityRules
  readonly definitions: Definitions
  readonly settings: Settings
  readonly partners: PartnerBook
  /** When this gateway was started. */
  readonly startedAt: Instant
}

export interface Settings {
  /** IANA zone of the programme, in which a date is a whole day. */
  readonly zone: string
  /** Address of the FHIR API as partners see it, without a slash at the end. */
  readonly fhirBase: string
  readonly notice: 'statement-1' | 'statement-2'
  readonly languages: readonly ('en' | 'es')[]
}

/** The registered partners, as they are now. */
export interface PartnerBook {
  readonly byId: (id: string) => Promise<Partner | undefined>
  readonly all: () => Promise<readonly Partner[]>
}
