// In: an officer. Out: every use of the emergency exception, with what its documentation lacks and what two people found.
// Never: opens or closes anything: that an emergency was reviewed changes nobody's access.
import { usesOfEmergencies } from '../../audit/emergency-uses.ts'
import { readBasis } from '../../consent/bases.ts'
import { calendarOf, holdsAt } from '../../consent/windows.ts'
import type { EmergencyLine } from '../../model/console.ts'
import { FOREVER } from '../../model/time.ts'
import { EMERGENCY_KEYS, listEmergencyBases } from '../../store/emergency-lines.ts'
import { acceptsBy, cut, oneMore, type ConsoleList } from './list.ts'
import { clientNames } from './names.ts'
import { openProposals, reviewFindings } from './proposals.ts'

/** Which emergencies. */
export interface EmergencyQuery {
  readonly patient?: string | undefined
}

/** Emergencies with what their documentation lacks and what two people found. @law 42 CFR 2.51(c) */
export const emergencyList: ConsoleList<'emergencies', EmergencyQuery, EmergencyLine> = {
  name: 'emergencies',
  permission: 'emergencies.read',
  accepts: acceptsBy(EMERGENCY_KEYS),
  read: async (house, who, { patient }, part) => {
    const { shown, ...next } = cut(await listEmergencyBases(house.db, patient, oneMore(part)), part.limit)
    const patients = shown.map((one) => one.patient)
    const [clientOf, proposals, findings, uses] = await Promise.all([
      clientNames(house, who, patients),
      openProposals(house, who),
      reviewFindings(house, shown.map(targetOf)),
      usesOfEmergencies(house.db, shown),
    ])
    const now = house.clock.now()
    const rows = shown.map((row, nth): EmergencyLine => {
      const { faults, window } = readBasis(row, calendarOf(house.settings.zone))
      const target = targetOf(row)
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
        uses: uses[nth] ?? 0,
        review: findings.get(target) ?? (proposal === undefined ? 'open' : 'proposed'),
        ...(proposal === undefined ? {} : { proposal }),
      }
    })
    return { rows, patients: [...patients, patient], ...next }
  },
  cells: {
    emergency: ({ id }) => id,
    version: ({ version }) => String(version),
    client: ({ client }) => client.id,
    recipient: ({ recipient }) => recipient,
    status: ({ status }) => status,
    'entered (UTC)': ({ enteredAt }) => enteredAt,
    'until (UTC)': ({ until = '' }) => until,
    lacks: ({ lacks }) => lacks.map(({ requirement }) => requirement).join(' '),
    disclosures: ({ uses }) => String(uses),
    review: ({ review }) => review,
  },
}

const targetOf = ({ id, version }: { readonly id: string; readonly version: number }): string => `${id}#${String(version)}`

const textOf = (value: unknown): string => (typeof value === 'string' ? value : JSON.stringify(value ?? ''))
