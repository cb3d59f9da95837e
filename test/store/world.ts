import { readFileSync } from 'node:fs'
import type { Resource } from '@medplum/fhirtypes'
import { searchDefinitions } from '../../src/formats/fhir/search-definitions.ts'
import { searchValuesOf } from '../../src/formats/fhir/search-values.ts'
import { patientOf } from '../../src/formats/fhir/compartment.ts'
import { bodyTextOf, type Ask, type Wanted } from '../../src/model/ask.ts'
import type { Allowance } from '../../src/model/decision.ts'
import { partnerId } from '../../src/model/ids.ts'
import type { Labels } from '../../src/model/label.ts'
import type { Partner } from '../../src/model/partner.ts'
import { FOREVER, instant } from '../../src/model/time.ts'
import type { Instant } from '../../src/model/time.ts'
import type { Db, Tx } from '../../src/platform/db.ts'
import { ok } from '../../src/platform/result.ts'
import { createFinder, type Find } from '../../src/store/find.ts'
import { savePartner } from '../../src/store/partners.ts'
import { lockPatient, versionsOf, writeRecords } from '../../src/store/records.ts'
import { setRenditions } from '../../src/store/set-renditions.ts'
import { openTexts } from '../../src/store/texts.ts'
import type { Rendering } from '../../src/store/chains.ts'

/** A store without law: who sees what is said by a function of the test. */

export type Kept = Resource & { readonly id: string }

const table: unknown = JSON.parse(readFileSync(new URL('../../profiles/base/search-parameters.json', import.meta.url), 'utf8'))
export const definitions = searchDefinitions(table)
export const readValues = searchValuesOf(definitions)
export const cursorKey = new Uint8Array(32).fill(7)
/** Bodies as text, so that what a test looks for in an answer is there to be seen. */
const readable =
  (finder: Find): Find =>
  async (...asked) => {
    const found = await finder(...asked)
    return found.ok ? ok({ ...found.value, rows: found.value.rows.map((row) => ({ ...row, body: bodyTextOf(row) })) }) : found
  }

/** As in the gateway: texts that this process holds are not asked for again. */
export const find = readable(createFinder({ definitions, cursorKey, texts: openTexts() }))
/** The same with room for a few texts only, so that most are dropped before they are asked for again. */
export const findCramped = readable(createFinder({ definitions, cursorKey, texts: openTexts(3_000) }))
/** The same, with every text asked for with its row. */
export const findMoving = readable(createFinder({ definitions, cursorKey }))

export const T0 = instant('2026-01-01T00:00:00Z')

export const aPartner = (id: string, more: Partial<Partner> = {}): Partner => ({
  id: partnerId(id), name: `HTEST ${id}`, kinds: ['covered-entity'], sector: 'hospital', identifiers: [], scopes: [],
  purposes: ['TREAT'], channels: [], isActive: true, ...more,
}) // prettier-ignore

export const LABELS: Labels = {
  status: 'labelled', origin: { partner: partnerId('mission'), isPart2: false }, confidentiality: 'N', sensitivity: [], policy: [], parts: [],
} // prettier-ignore

export const anAllowance = (recipient: string, more: Partial<Allowance> = {}): Allowance => ({
  type: '', id: '', recipient: partnerId(recipient), purpose: 'TREAT', from: T0, until: FOREVER,
  basis: { kind: 'consent', reference: 'Consent/c1', version: '1' }, withheldParts: [], obligations: ['NORDSCLCD'], because: [], ...more,
}) // prettier-ignore

/** Views of one version: what somebody sees, and on which allowances. */
export type Law = (
  resource: Kept,
  version: number,
) => readonly { readonly resource: Kept; readonly grants: readonly Allowance[] }[]

export const allSeeAll =
  (...recipients: readonly string[]): Law =>
  (resource) => [{ resource, grants: recipients.map((recipient) => anAllowance(recipient)) }]

/** Decides again about all records of a patient. */
export const redecide = async (tx: Tx, patient: string, law: Law, at?: Instant): Promise<void> => {
  await lockPatient(tx, patient)
  const versions = await versionsOf(tx, patient)
  const renderings = versions.flatMap(({ resource, type, id, version, isCurrent, updated, isDeleted }): Rendering[] =>
    law(resource, version).map((view) => ({ type, id, version, isCurrent, updated, isDeleted, ...view })),
  )
  await setRenditions(tx, readValues, patient, renderings, 'everything', at)
}

/** Writes resources and decides about their patients. */
export const put = async (db: Db, resources: readonly Kept[], law: Law, at: Instant = T0, isDeleted = false): Promise<void> => {
  const records = resources.map((resource) => ({
    patient: patientOf({ ...resource }) ?? '',
    resource,
    origin: LABELS.origin,
    labels: LABELS,
    facts: { type: resource.resourceType, id: resource.id, labels: LABELS, codes: [], references: [], profiles: [] },
    at,
    isDeleted,
  }))
  await db.transact(async (tx) => {
    await writeRecords(tx, records)
    for (const patient of new Set(records.map((record) => record.patient))) await redecide(tx, patient, law)
  })
}

export const register = async (db: Db, ...ids: readonly string[]): Promise<void> => {
  for (const id of ids) await db.transact((tx) => savePartner(tx, aPartner(id), T0))
}

export const anAsk = (wanted: Wanted, recipient = 'ehr', more: Partial<Ask> = {}): Ask => ({
  recipient: partnerId(recipient), purposes: ['TREAT'], at: instant('2026-06-01T00:00:00Z'), wanted, ...more,
}) // prettier-ignore

/** `Condition?code=x&_count=2` as a search. */
export const searching = (text: string, recipient = 'ehr', more: Partial<Ask> = {}): Ask => {
  const [type = '', query = ''] = text.split('?')
  return anAsk({ interaction: 'search', query: { type, parameters: [...new URLSearchParams(query)] } }, recipient, more)
}
