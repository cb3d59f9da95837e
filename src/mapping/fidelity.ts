// Comes in: the resources of one client, and the day of looking.
// Goes out: what was done, missed and is due, in time, and the same as a MeasureReport.
// Never: judges the client; it is the programme that is measured.
import type {
  Appointment,
  Communication,
  DocumentReference,
  Encounter,
  EpisodeOfCare,
  Goal,
  MeasureReport,
  Procedure,
  Resource,
} from '@medplum/fhirtypes'
import { BASE, extensionUrl, identifierSystem, idOf, localSystem, profileUrl } from './context.ts'
import type { MapContext } from './context.ts'

/** One thing that happened, or should have. */
export interface TimelineEvent {
  /** Day or moment as the resource has it. */
  readonly at: string
  readonly kind: 'phase' | 'drt-session' | 'drt-booster' | 'peer-session' | 'contact' | 'no-show' | 'outreach'
  readonly code: string
  /** `Type/id` of the resource that says so. */
  readonly source: string
}

/** How closely the programme follows its own model for one client. */
export interface Fidelity {
  readonly phase: string | undefined
  readonly events: readonly TimelineEvent[]
  /** Codes of the thirteen sessions that were held, in order of the number. */
  readonly drtDone: readonly string[]
  /** Sessions not held, each with the day by which a weekly course would have held it. */
  readonly drtDue: readonly { readonly code: string; readonly by: string; readonly isOverdue: boolean }[]
  readonly boosters: number
  readonly noShows: number
  readonly outreach: number
  /** Contacts in each phase divided by its weeks: the taper shows as falling numbers. */
  readonly contactsPerWeek: Readonly<Record<string, number>>
  readonly goals: readonly { readonly goal: string; readonly notes: number }[]
}

const MS_A_DAY = 86_400_000
const daysBetween = (from: string, to: string): number =>
  (Date.parse(`${to.slice(0, 10)}T00:00:00Z`) - Date.parse(`${from.slice(0, 10)}T00:00:00Z`)) / MS_A_DAY
const plusDays = (from: string, days: number): string =>
  new Date(Date.parse(`${from.slice(0, 10)}T00:00:00Z`) + days * MS_A_DAY).toISOString().slice(0, 10)

const ofType = <T extends Resource>(all: readonly Resource[], type: T['resourceType']): readonly T[] =>
  all.filter((r): r is T => r.resourceType === type)

interface Phase {
  readonly code: string
  readonly start: string
  readonly end?: string
}

const phasesOf = (episode: EpisodeOfCare): readonly Phase[] =>
  (episode.extension ?? []).flatMap((e) => {
    if (e.url !== extensionUrl('cti-phase')) return []
    const part = (url: string) => e.extension?.find((x) => x.url === url)
    const code = part('phase')?.valueCodeableConcept?.coding?.[0]?.code
    const period = part('period')?.valuePeriod
    return code === undefined || period?.start === undefined
      ? []
      : [{ code, start: period.start, ...(period.end !== undefined && { end: period.end }) }]
  })

const localCode = (system: string, codings: readonly { system?: string; code?: string }[] | undefined): string | undefined =>
  codings?.find((c) => c.system === localSystem(system))?.code

const eventsOf = (
  all: readonly Resource[],
  phases: readonly Phase[],
  episode: EpisodeOfCare | undefined,
): readonly TimelineEvent[] => {
  const events: TimelineEvent[] = phases.map((p) => ({
    at: p.start,
    kind: 'phase',
    code: p.code,
    source: `EpisodeOfCare/${episode?.id ?? ''}`,
  }))
  const typeOf = new Map<string, string>()
  for (const e of ofType<Encounter>(all, 'Encounter')) {
    const type = localCode('contact-type', e.type?.[0]?.coding)
    if (e.status !== 'finished' || type === undefined || e.period?.start === undefined) continue
    typeOf.set(`Encounter/${e.id ?? ''}`, type)
    events.push({ at: e.period.start, kind: 'contact', code: type, source: `Encounter/${e.id ?? ''}` })
  }
  for (const p of ofType<Procedure>(all, 'Procedure')) {
    const at = p.performedPeriod?.start
    if (p.status !== 'completed' || at === undefined) continue
    const drt = localCode('drt-session', p.code?.coding)
    const peer = localCode('peer-session', p.code?.coding)
    const isBooster = typeOf.get(p.encounter?.reference ?? '') === 'drt-booster'
    if (drt !== undefined)
      events.push({ at, kind: isBooster ? 'drt-booster' : 'drt-session', code: drt, source: `Procedure/${p.id ?? ''}` })
    if (peer !== undefined) events.push({ at, kind: 'peer-session', code: peer, source: `Procedure/${p.id ?? ''}` })
  }
  for (const a of ofType<Appointment>(all, 'Appointment'))
    if (a.status === 'noshow' && a.start !== undefined)
      events.push({ at: a.start, kind: 'no-show', code: 'noshow', source: `Appointment/${a.id ?? ''}` })
  for (const c of ofType<Communication>(all, 'Communication'))
    if (c.sent !== undefined && c.meta?.profile?.[0]?.endsWith('outreach-attempt') === true)
      events.push({
        at: c.sent,
        kind: 'outreach',
        code: localCode('attempt-outcome', c.topic?.coding) ?? 'attempt',
        source: `Communication/${c.id ?? ''}`,
      })
  return events.sort((a, b) => Date.parse(a.at) - Date.parse(b.at) || a.source.localeCompare(b.source))
}

/** Two months are too short for thirteen weeks, so the course is pressed together. */
const daysBetweenSessions = (episode: EpisodeOfCare | undefined): number =>
  episode?.extension?.find((e) => e.url === extensionUrl('program-length'))?.valueCodeableConcept?.coding?.[0]?.code === '2m'
    ? 4
    : 7

/**
 * @param all resources of one client; those of others must not be among them
 * @param today day of looking, `YYYY-MM-DD`
 * @param sessions codes of the course in their order
 */
export const fidelityOf = (all: readonly Resource[], today: string, sessions: readonly string[]): Fidelity => {
  const episode =
    ofType<EpisodeOfCare>(all, 'EpisodeOfCare').find((e) => e.status === 'active') ??
    ofType<EpisodeOfCare>(all, 'EpisodeOfCare')[0]
  const phases = episode === undefined ? [] : phasesOf(episode)
  const events = eventsOf(all, phases, episode)
  const done = new Set(events.filter((e) => e.kind === 'drt-session').map((e) => e.code))
  const start = episode?.period?.start ?? today
  const every = daysBetweenSessions(episode)
  const current = phases.filter((p) => p.start <= today && (p.end === undefined || today <= p.end)).at(-1)
  const notes = ofType<DocumentReference>(all, 'DocumentReference').flatMap(
    (d) => d.context?.related?.map((r) => r.reference) ?? [],
  )
  return {
    phase: current?.code,
    events,
    drtDone: sessions.filter((code) => done.has(code)),
    drtDue: sessions.flatMap((code, index) => {
      const by = plusDays(start, (index + 1) * every)
      return done.has(code) ? [] : [{ code, by, isOverdue: by < today }]
    }),
    boosters: events.filter((e) => e.kind === 'drt-booster').length,
    noShows: events.filter((e) => e.kind === 'no-show').length,
    outreach: events.filter((e) => e.kind === 'outreach').length,
    contactsPerWeek: Object.fromEntries(
      phases.map((p) => {
        const end = p.end ?? today
        const count = events.filter((e) => e.kind === 'contact' && e.at.slice(0, 10) >= p.start && e.at.slice(0, 10) < end).length
        return [p.code, Math.round((count / Math.max(1, daysBetween(p.start, end) / 7)) * 100) / 100]
      }),
    ),
    goals: ofType<Goal>(all, 'Goal')
      .filter((g) => g.meta?.profile?.[0]?.endsWith('mission-goal') === true)
      .map((g) => ({ goal: `Goal/${g.id ?? ''}`, notes: notes.filter((n) => n === `Goal/${g.id ?? ''}`).length })),
  }
}

/** The same as a standard resource, one group for each number. */
export const fidelityReport = (
  fidelity: Fidelity,
  client: { readonly clientId: string; readonly patient: string; readonly isTest?: boolean },
  start: string,
  today: string,
  context: MapContext,
): MeasureReport => {
  const key = `${client.clientId}/${today}`
  const group = (code: string, count: number): NonNullable<MeasureReport['group']>[number] => ({
    code: { coding: [{ system: localSystem('fidelity'), code }], text: code },
    measureScore: { value: count },
  })
  return {
    resourceType: 'MeasureReport',
    id: idOf(context, 'MeasureReport', 'fidelity', key),
    meta: {
      profile: [profileUrl('outcome-report')],
      ...(client.isTest === true && {
        tag: [{ system: 'http://terminology.hl7.org/CodeSystem/v3-ActReason', code: 'HTEST', display: 'test health data' }],
      }),
    },
    identifier: [{ system: identifierSystem('fidelity'), value: key }],
    status: 'complete',
    type: 'individual',
    measure: `${BASE}/Measure/mission-fidelity`,
    subject: { reference: client.patient },
    date: today,
    reporter: { reference: `Organization/${context.programme}` },
    period: { start, end: today },
    group: [
      group('drt-done', fidelity.drtDone.length),
      group('drt-overdue', fidelity.drtDue.filter((d) => d.isOverdue).length),
      group('boosters', fidelity.boosters),
      group('no-shows', fidelity.noShows),
      group('outreach', fidelity.outreach),
      group('goals', fidelity.goals.length),
      group('goals-with-notes', fidelity.goals.filter((g) => g.notes > 0).length),
    ],
  }
}
