// In: an officer. Out: every use of the emergency exception, with what its documentation lacks and what two people found.
// Never: opens or closes anything: that an emergency was reviewed changes nobody's access.
import { readBasis } from '../../consent/bases.ts'
import { calendarOf, holdsAt } from '../../consent/windows.ts'
import type { EmergencyLine } from '../../model/console.ts'
import type { LegalBasis } from '../../model/patient-facts.ts'
import type { StaffMember } from '../../model/staff.ts'
import { FOREVER, type Instant } from '../../model/time.ts'
import { ok, type Result } from '../../platform/result.ts'
import type { House } from '../house.ts'
import { look, type Place } from './look.ts'
import { clientNames } from './names.ts'
import { openProposals, reviewFindings } from './proposals.ts'

const EMERGENCIES: Place = { name: 'emergencies', permission: 'emergencies.read' }
const MOST = 200

interface Row extends LegalBasis {
  readonly patient: string
  readonly enteredAt: Instant
  readonly uses: number
}

const FIND = `select b.patient, b.id, b.version, b.kind, b.fields, b.saved_at as "enteredAt",
    (select count(*)::int from ledger_patient p join ledger l on l.seq = p.seq
     where p.patient = b.patient and l.kind = 'disclosure' and l.body like '%"medical-emergency"%'
       and exists (select from jsonb_array_elements(l.body::jsonb -> 'bases') as one
                   where one ->> 'kind' = 'medical-emergency' and one ->> 'reference' = b.id)) as uses
  from legal_basis b where b.kind = 'medical-emergency' and b.is_current order by b.saved_at desc limit $1`

/** Emergencies, the last entered first. @law 42 CFR 2.51(c) */
export const listEmergencies = (house: House, who: StaffMember): Promise<Result<readonly EmergencyLine[]>> =>
  look(house, who, EMERGENCIES, async () => {
    const rows = await house.db.query<Row>(FIND, [MOST])
    const patients = rows.map(({ patient }) => patient)
    const [clientOf, proposals, findings] = await Promise.all([
      clientNames(house, who, patients),
      openProposals(house, who),
      reviewFindings(house),
    ])
    const now = house.clock.now()
    const page = rows.map((row): EmergencyLine => {
      const { faults, window } = readBasis(row, calendarOf(house.settings.zone))
      const target = `${row.id}#${String(row.version)}`
      const proposal = proposals.get(`emergency-review ${target}`)
      const inTime = holdsAt(window, now) ? 'in-force' : 'over'
      return {
        id: row.id,
        version: row.version,
        client: clientOf(row.patient),
        recipient: textOf(row.fields['recipient']),
        status: faults.length > 0 ? 'deficient' : inTime,
        enteredAt: row.enteredAt,
        ...(window.until === FOREVER ? {} : { until: window.until }),
        lacks: faults.map(({ id, law }) => ({ requirement: id, law, words: id.replaceAll('-', ' ') })),
        fields: Object.fromEntries(Object.entries(row.fields).map(([name, value]) => [name, textOf(value)])),
        uses: row.uses,
        review: findings.get(target) ?? (proposal === undefined ? 'open' : 'proposed'),
        ...(proposal === undefined ? {} : { proposal }),
      }
    })
    return ok({ page, patients })
  })

const textOf = (value: unknown): string => (typeof value === 'string' ? value : JSON.stringify(value ?? ''))
