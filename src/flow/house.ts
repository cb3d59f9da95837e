import type { KeyObject } from 'node:crypto'
import type { SignedHead } from '../audit/head.ts'
import type { Ledger } from '../audit/ledger.ts'
import type { ExchangeKeys } from '../delivery/exchange.ts'
import type { TellingRow } from '../disclosure/house.ts'
import type { ScopeWords } from '../disclosure/notice.ts'
import type { SearchDefinitions } from '../formats/fhir/search-definitions.ts'
import type { HmisSpec } from '../formats/hmis/hmis-csv.ts'
import type { SensitivityRules } from '../labelling/label.ts'
import type { HmisSensitivityRule } from '../mapping/hmis.ts'
import type { Shown } from '../model/ask.ts'
import type { PartnerId } from '../model/ids.ts'
import type { Partner } from '../model/partner.ts'
import type { Instant } from '../model/time.ts'
import type { Clock } from '../platform/clock.ts'
import type { Db } from '../platform/db.ts'
import type { NewId } from '../platform/ids.ts'
import type { Log } from '../platform/log.ts'
import type { Result } from '../platform/result.ts'
import type { Find } from '../store/find.ts'
import type { Reader } from '../store/reader.ts'
import type { ReadSearchValues } from '../store/rendition-change.ts'
import type { Definitions } from '../validation/validate.ts'
import type { Pages } from './pages.ts'

/** What the corridor works with; made once, by `app/gateway`. */
export interface House {
  readonly db: Db
  /** For everything that partners are shown: a role that the database lets see nothing but their audience. */
  readonly reader: Reader
  readonly clock: Clock
  readonly newId: NewId
  readonly log: Log
  readonly ledger: Ledger
  /** What was published of it outside the database, and the public keys that may have signed that. */
  readonly heads: { readonly published: () => Promise<Result<readonly SignedHead[]>>; readonly keys: readonly KeyObject[] }
  readonly rules: SensitivityRules
  readonly definitions: Definitions
  readonly searches: SearchDefinitions
  readonly readSearchValues: ReadSearchValues
  readonly find: Find
  readonly pages: Pages
  /** Names and identifier systems that tell what somebody is treated for. */
  readonly tellingRows: readonly TellingRow[]
  /** Column facts of HMIS CSV, and what each value reveals. */
  readonly hmis: { readonly spec: HmisSpec; readonly rules: readonly HmisSensitivityRule[] }
  readonly settings: Settings
  readonly partners: PartnerBook
  readonly scopes: ScopeBook
  /** Under which the bytes of partners are kept. */
  readonly exchangeKeys: ExchangeKeys
  /** When this gateway was started. */
  readonly startedAt: Instant
}

export interface Settings {
  readonly version: string
  /** IANA zone of the programme, in which a date is a whole day. */
  readonly zone: string
  /** Address of the FHIR API as partners see it, without a slash at the end. */
  readonly fhirBase: string
  /** Whose state law narrows, for example `US-TX`. */
  readonly jurisdiction: string | undefined
  /** Which statement of § 2.32(a) travels along. */
  readonly statement: 1 | 2
}

/** The registered partners, as they are now. */
export interface PartnerBook {
  /** The active partner with this id. */
  readonly byId: (id: string) => Promise<Partner | undefined>
  /** All of them, the disabled ones too. */
  readonly all: () => Promise<readonly Partner[]>
  /** Forgets what is remembered; called by whoever changes a partner. */
  readonly fresh: () => void
}

/** The words for each consent that was a basis; a version of a consent never changes, so its words are remembered. */
export interface ScopeBook {
  readonly wordsFor: (recipient: PartnerId, rows: readonly Shown[]) => Promise<ReadonlyMap<string, ScopeWords>>
}
