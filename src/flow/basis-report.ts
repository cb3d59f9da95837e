// Comes in: which crime report or child-abuse report is to be made. Goes out: its permitted facts, once they are on the ledger.
// Never: a record, to whomever; the report is all that such a basis opens.
import { createHash } from 'node:crypto'
import type { Patient } from '@medplum/fhirtypes'
import { readBasis } from '../consent/bases.ts'
import { permittedReport, type PermittedReport } from '../consent/report.ts'
import { calendarOf, holdsAt } from '../consent/windows.ts'
import { disclosureId, partnerId, patientId } from '../model/ids.ts'
import { problem } from '../platform/problem.ts'
import { fail, ok, type Result } from '../platform/result.ts'
import { basesById } from '../store/bases.ts'
import { readRecord } from '../store/records.ts'
import type { House } from './house.ts'
import { lookEntry, type Operator } from './looks.ts'
import { write } from './writing.ts'

/** A report as it goes to the authority. */
export interface Report {
  readonly recipient: string
  readonly basis: string
  readonly law: string
  readonly report: PermittedReport
}

const LAW = { 'crime-report': '42 CFR 2.12(c)(5)', 'child-abuse-report': '42 CFR 2.12(c)(6)' } as const
const ON_LEDGER = { 'crime-report': 'crime-on-premises', 'child-abuse-report': 'child-abuse-report' } as const

/**
 * The report that a crime on the premises, or suspected child abuse, permits: for staff, who bring it to the authority. That it was
 * made is a disclosure to that authority, on the ledger before the first byte leaves, beside who made it.
 * @law 42 CFR 2.12(c)(5), (6)
 */
export const makeReport = async (house: House, by: Operator, id: string): Promise<Result<Report>> =>
  write(house, async ({ tx, note }): Promise<Result<Report>> => {
    const [held] = await basesById(tx, id)
    if (held === undefined) return fail(problem('not-found', 'basis-unknown', { detail: 'no legal basis has this id' }))
    const { kind } = held
    if (kind !== 'crime-report' && kind !== 'child-abuse-report')
      return fail(problem('conflict', 'basis-opens-no-report', { detail: 'this kind of basis opens no report' }))
    const basis = readBasis(held, calendarOf(house.settings.zone))
    const at = house.clock.now()
    const { recipient } = basis
    if (basis.faults.length > 0 || recipient === undefined || !holdsAt(basis.window, at))
      return fail(problem('conflict', 'basis-not-in-force', { detail: 'the basis lacks something, or is not in force' }))
    const record = await readRecord(tx, 'Patient', held.patient)
    if (record === undefined || record.isDeleted) return fail(problem('not-found', 'patient-unknown'))
    const made = { recipient, basis: id, law: LAW[kind], report: permittedReport(basis, record.resource as Patient) }
    const payload = JSON.stringify(made)
    note(lookEntry(house, by, { place: 'legal-basis/:id/report', action: 'export', patients: [held.patient] }), {
      kind: 'disclosure',
      at,
      id: disclosureId(house.newId()),
      recipient: partnerId(recipient),
      purposes: [],
      door: 'export',
      interaction: 'report',
      bases: [{ kind: ON_LEDGER[kind], reference: id, version: basis.version }],
      records: [
        { record: `Patient/${held.patient}`, version: String(record.version), basis: 0, patient: patientId(held.patient) },
      ],
      obligations: [],
      content: createHash('sha256').update(payload).digest('hex'),
      bytes: Buffer.byteLength(payload),
    })
    return ok(made)
  })
