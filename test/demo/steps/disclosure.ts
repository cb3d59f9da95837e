import type { Bundle, BundleEntry, Resource } from '@medplum/fhirtypes'
import type { Stage } from '../stage.ts'
import type { World } from '../world.ts'
import { seesNothing } from './absence.ts'
import type { Cast } from './records.ts'
import { eventually } from './referrals.ts'
import { postExample } from './records.ts'

interface Answer {
  readonly status: number
  readonly body: string
}

/** Long enough for several attempts of a delivery that must not come. */
const ABSENCE_MS = 4_000
const NOTICE = 'protected by Federal confidentiality rules (42 CFR part 2)'

const typesOf = (bundle: Bundle): readonly string[] =>
  (bundle.entry ?? []).map((entry: BundleEntry) => entry.resource?.resourceType ?? '')

const count = (types: readonly string[], type: string): number => types.filter((t) => t === type).length

const SCOPE = 'https://mission-gateway.example/fhir/StructureDefinition/consent-scope'

/** The plain words of the consent, where `docs/disclosure-cycle.md` says that they stand. */
const scopeOf = (bundle: Bundle): string =>
  bundle.meta?.extension?.find((extension) => extension.url === SCOPE)?.extension?.find((part) => part.url === 'text')
    ?.valueString ?? ''

/** What the hospital's EHR pulls, with what must travel along. */
const hospitalPulls = async (world: World, cast: Cast, stage: Stage): Promise<void> => {
  const plan = await world.ehr.ask<Bundle>('search', {
    type: 'CarePlan',
    params: {
      patient: cast.patient,
      category: 'assess-plan',
      _include: ['CarePlan:goal', 'CarePlan:condition', 'CarePlan:care-team'],
    },
  })
  const types = typesOf(plan)
  stage.held(
    'St. Mary Hospital pulls the care plan with goals, conditions and team',
    count(types, 'CarePlan') === 1 &&
      count(types, 'Goal') === 4 &&
      count(types, 'Condition') === 2 &&
      count(types, 'CareTeam') === 1,
    types.join(', '),
  )
  const encounters = await world.ehr.ask<Bundle>('search', {
    type: 'Encounter',
    params: { patient: cast.patient, _total: 'accurate' },
  })
  stage.held('and the encounters', encounters.total === 3, `total ${String(encounters.total)}`)
  const text = JSON.stringify(plan)
  stage.held('whole: the cocaine dependence in remission is there', text.includes('191833002'), 'SNOMED CT 191833002')
  stage.held('with the § 2.32(a) notice of 2024', text.includes(NOTICE), 'Bundle.meta.extension')
  const scope = scopeOf(plan)
  stage.held(
    'and the § 2.32(b) scope of the consent in plain words',
    /consented in writing.*treatment, payment/s.test(scope),
    scope.slice(0, 140),
  )
  stage.held('the HIV referral stays out: this consent does not name HIV', !text.includes('montrose-hiv'), 'no trace')
}

const WORDS = [
  'old dealing',
  'dealing',
  'AA',
  'probation',
  'DUI',
  'possession',
  'sober',
  'cocaine',
  'depress',
  'abstinence',
  'substance',
  'MISSION',
  'HIV',
  '191833002',
  '75084000',
  'F14',
  'drug',
  'EpisodeOfCare',
  'supervised',
]

/** Everything that the housing provider can reach, in every way; and not one telling word in it. */
const housingSees = async (world: World, cast: Cast, stage: Stage): Promise<void> => {
  const paths = [
    '/Goal',
    '/ServiceRequest',
    '/Task',
    '/QuestionnaireResponse',
    '/Patient',
    '/CarePlan',
    '/Condition',
    '/Encounter',
    '/EpisodeOfCare',
    '/CareTeam',
    '/Observation',
    '/Consent',
    '/Procedure',
    '/Organization',
    '/Practitioner',
    `/Patient/${cast.patient}/$everything`,
    '/_history',
  ]
  const answers = await Promise.all(paths.map((path) => world.housing.ask<Answer>('ask', { path })))
  const bundles = answers.map((answer) => JSON.parse(answer.body) as Bundle)
  const shown = (index: number): readonly Resource[] => (bundles[index]?.entry ?? []).flatMap((entry) => entry.resource ?? [])
  stage.held(
    'Harbor Housing sees the housing goal',
    shown(0).length === 1 && answers[0]?.body.includes('Transition to independent housing') === true,
    'one Goal',
  )
  stage.held(
    'the referral that was addressed to it',
    shown(1).length === 1 && shown(2).length === 1,
    'one ServiceRequest, one Task',
  )
  const form = answers[3]?.body ?? ''
  const needs = ['studio', '12th street', 'public transit', 'section 8', '800', '1000', 'elevator', 'none living with client']
  stage.held(
    'and of the interview what it needs',
    needs.every((need) => form.includes(need)),
    needs.join(', '),
  )
  const clinical = [5, 6, 7, 8, 9, 10].map((index) => shown(index).length)
  stage.held(
    'no care plan, condition, contact, episode, team or observation',
    clinical.every((n) => n === 0),
    clinical.join(' '),
  )
  const records = JSON.stringify(bundles.map((bundle) => bundle.entry))
  const told = WORDS.filter((word) => new RegExp(`(?<![A-Za-z0-9-])${word}`).test(records))
  stage.held(
    `none of ${String(WORDS.length)} telling words in ${String(records.length)} bytes of records`,
    told.length === 0,
    told.length === 0 ? WORDS.slice(0, 6).join(', ') + ' …' : told.join(', '),
  )
  const zips = await eventually(
    () => world.housing.ask<Record<string, string>[]>('hmis', { folder: world.hmisFolder }),
    (found) => found.length > 0,
  )
  const files = zips[0] ?? {}
  stage.held(
    'the HMIS CSV has its 24 files and the referral as an Event',
    Object.keys(files).filter((name) => name.endsWith('.csv')).length === 24 &&
      (files['Event.csv'] ?? '').trim().split('\n').length === 2,
    `${String(Object.keys(files).length)} files`,
  )
  const csv = Object.entries(files)
    .filter(([name]) => name.endsWith('.csv'))
    .map(([, text]) => text)
    .join('\n')
  const toldByCsv = WORDS.filter((word) => new RegExp(`(?<![A-Za-z0-9-])${word}(?![A-Za-z])`).test(csv))
  stage.held(
    'and none of those words; the notice lies beside it',
    toldByCsv.length === 0 && (files['README.txt'] ?? '').includes('42 CFR part 2'),
    toldByCsv.join(', '),
  )
}

/** Step 5. */
export const recordsAreRead = async (world: World, cast: Cast, stage: Stage): Promise<void> => {
  stage.step(5, 'Each partner sees what its consent covers, and nothing else')
  await hospitalPulls(world, cast, stage)
  await housingSees(world, cast, stage)
}

/** Step 6: a search is under way, a delivery waits; then the consent is revoked. */
export const consentIsRevoked = async (world: World, cast: Cast, stage: Stage): Promise<void> => {
  stage.step(6, "The client revokes the hospital's consent")
  const first = await world.ehr.ask<Bundle>('search', { type: 'Encounter', params: { patient: cast.patient, _count: '1' } })
  const next = first.link?.find((link) => link.relation === 'next')?.url ?? ''
  stage.held(
    'before: a search has begun, its first page is there',
    typesOf(first).length === 1 && next !== '',
    next.replace(/\?.*/, '?…'),
  )
  await world.ehr.ask('setDown', { down: true })
  await postExample(world, 'mission', 'referral', 'referral-hospital')
  const waiting = await world.ehr.ask<unknown[]>('received', { type: 'Task' })
  stage.held('before: a referral to the hospital is queued, its server is down', waiting.length === 0, 'nothing arrived')
  await postExample(world, 'consent', 'consent', 'consent-hospital-revoked')
  const after = await world.ehr.ask<Answer>('ask', { path: `/CarePlan/${cast.carePlan}` })
  stage.held('after: the next request finds nothing', after.status === 404, `status ${String(after.status)}`)
  const page = await world.ehr.ask<Answer>('next', { url: next })
  stage.held(
    'after: the next page of the search gives nothing',
    !page.body.includes('"entry"'),
    `status ${String(page.status)}, ${String(page.body.length)} bytes`,
  )
  await world.ehr.ask('setDown', { down: false })
  const sent = await eventually(
    () => world.ehr.ask<unknown[]>('received', { type: 'Task' }),
    (tasks) => tasks.length > 0,
    ABSENCE_MS,
  )
  stage.held(
    'after: the queued delivery gives nothing, though the server is back',
    sent.length === 0,
    `${String(sent.length)} Tasks arrived`,
  )
  await seesNothing(world.ehr, 'St. Mary Hospital', cast, stage)
}
