import { actor, consent, purposes } from '../../consent/support/world.ts'

const role = (id: string, person: string, partner: string, end?: string): object => ({
  resourceType: 'PractitionerRole',
  id,
  practitioner: { reference: `Practitioner/${person}` },
  organization: { reference: `Organization/${partner}` },
  ...(end === undefined ? {} : { period: { end } }),
})
/** System of the identifiers of this world. */
export const MRN = 'urn:htest:mrn'
const about = { subject: { reference: 'Patient/pt' } }
/** The care plan of the patient, under this title. */
export const plan = (title: string): object => ({
  resourceType: 'CarePlan',
  id: 'cp',
  identifier: [{ system: MRN, value: 'plan-1' }],
  status: 'active',
  intent: 'plan',
  title,
  ...about,
})
/** A patient with a care team and a plan, a consent to one partner, and people with and without a role. */
export const FILED: readonly { resourceType?: string; id?: string }[] = [
  ...['dr-b', 'dr-gone', 'worker', 'colleague'].map((id) => ({
    resourceType: 'Practitioner',
    id,
    name: [{ family: `HTEST-${id}` }],
  })),
  role('r1', 'dr-b', 'bayou-bh'),
  role('r2', 'dr-gone', 'bayou-bh', '2026-03-05'),
  role('r3', 'worker', 'mission'),
  role('r4', 'colleague', 'mission'),
  { resourceType: 'Patient', id: 'pt', identifier: [{ system: MRN, value: 'pt-1' }], name: [{ family: 'HTEST-Doe' }] },
  {
    resourceType: 'CareTeam',
    id: 'team',
    status: 'active',
    participant: [{ member: { reference: 'Practitioner/worker' } }],
    ...about,
  },
  plan('HTEST plan'),
  consent(
    { id: 'c-pt', patient: { reference: 'Patient/pt' } },
    { actor: [actor('bayou-bh')], purpose: purposes('TREAT', 'HPAYMT', 'HOPERAT') },
  ),
] as never

/** A goal of whom this names. */
export const goal = (subject: string): object => ({
  resourceType: 'Goal',
  lifecycleStatus: 'active',
  description: { text: 'HTEST goal' },
  subject: { reference: subject },
})
