// Comes in: the resources of one client, and the day of looking.
// Goes out: the fidelity timeline in standard resources: numbers as a MeasureReport, events as a List, what is due as requests.
// Never: judges the client; it is the programme that is measured.
import type { Bundle, List, ListEntry, MeasureReportGroup, Patient, Resource, ServiceRequest } from '@medplum/fhirtypes'
import { identifierSystem, idOf, localSystem } from './context.ts'
import type { MapContext } from './context.ts'
import { fidelityOf, fidelityReport, type Fidelity } from './fidelity.ts'

/** One session of the course: its code and title. */
export interface CourseSession {
  readonly code: string
  readonly display: string
}

interface Looking {
  readonly patient: Patient
  readonly key: string
  readonly today: string
  readonly context: MapContext
  readonly meta: { readonly meta?: Pick<NonNullable<Patient['meta']>, 'tag'> }
}

const flag = (code: string): NonNullable<ListEntry['flag']> => ({
  coding: [{ system: localSystem('timeline-event'), code }],
  text: code,
})

/** A session that should be held: planned, on the day by which a weekly course would hold it. */
const dueRequest =
  ({ patient, key, today, context, meta }: Looking, titles: ReadonlyMap<string, string>) =>
  ({ code, by }: Fidelity['drtDue'][number]): ServiceRequest => ({
    resourceType: 'ServiceRequest',
    id: idOf(context, 'ServiceRequest', 'fidelity-due', `${key}/${code}`),
    ...meta,
    status: 'active',
    intent: 'plan',
    code: {
      coding: [{ system: localSystem('drt-session'), code, display: titles.get(code) ?? code }],
      text: titles.get(code) ?? code,
    },
    subject: { reference: `Patient/${patient.id ?? ''}` },
    occurrenceDateTime: by,
    authoredOn: today,
  })

const listOf = ({ patient, key, today, context, meta }: Looking, fidelity: Fidelity, due: readonly ServiceRequest[]): List => {
  const isOverdue = new Map(fidelity.drtDue.map((one) => [one.code, one.isOverdue]))
  const entry: ListEntry[] = [
    ...fidelity.events.map(({ at, kind, source }) => ({ flag: flag(kind), date: at, item: { reference: source } })),
    ...due.map((request) => ({
      flag: flag(isOverdue.get(request.code?.coding?.[0]?.code ?? '') === true ? 'drt-overdue' : 'drt-due'),
      ...(request.occurrenceDateTime !== undefined && { date: request.occurrenceDateTime }),
      item: { reference: `ServiceRequest/${request.id ?? ''}` },
    })),
    ...fidelity.goals.map(({ goal, notes }) => ({
      flag: flag(notes > 0 ? 'goal-with-notes' : 'goal-without-notes'),
      item: { reference: goal },
    })),
  ]
  return {
    resourceType: 'List',
    id: idOf(context, 'List', 'fidelity', key),
    ...meta,
    identifier: [{ system: identifierSystem('fidelity'), value: key }],
    status: 'current',
    // only a list of this mode may give its entries a date: lst-3
    mode: 'working',
    title: 'Fidelity timeline',
    subject: { reference: `Patient/${patient.id ?? ''}` },
    date: today,
    ...(entry.length > 0 && { entry }),
  }
}

/** The taper: contacts a week, phase by phase. */
const taperGroup = (fidelity: Fidelity): readonly MeasureReportGroup[] => {
  const stratum = Object.entries(fidelity.contactsPerWeek).map(([code, value]) => ({
    value: { coding: [{ system: localSystem('cti-phase'), code }], text: code },
    measureScore: { value },
  }))
  if (stratum.length === 0) return []
  const code = 'contacts-per-week'
  return [{ code: { coding: [{ system: localSystem('fidelity'), code }], text: code }, stratifier: [{ stratum }] }]
}

/**
 * How closely the programme follows its own model for one client, as a collection of a MeasureReport, a List in order of time, and
 * a request for each session that is due. Nothing without a Patient among the resources.
 * @param today day of looking, `YYYY-MM-DD`
 * @param course sessions in their order
 */
export const timelineOf = (
  all: readonly Resource[],
  today: string,
  course: readonly CourseSession[],
  context: MapContext,
): Bundle => {
  const patient = all.find((one): one is Patient => one.resourceType === 'Patient')
  if (patient === undefined) return { resourceType: 'Bundle', type: 'collection' }
  const fidelity = fidelityOf(
    all,
    today,
    course.map(({ code }) => code),
  )
  const tag = patient.meta?.tag?.filter(({ code }) => code === 'HTEST') ?? []
  const key = `${patient.id ?? ''}/${today}`
  const looking = { patient, key, today, context, meta: tag.length === 0 ? {} : { meta: { tag } } }
  const due = fidelity.drtDue.map(dueRequest(looking, new Map(course.map(({ code, display }) => [code, display]))))
  const start = fidelity.events.map(({ at }) => at.slice(0, 10)).find((day) => day <= today) ?? today
  const client = { clientId: patient.id ?? '', patient: `Patient/${patient.id ?? ''}`, isTest: tag.length > 0 }
  const report = fidelityReport(fidelity, client, start, today, context)
  const measured = { ...report, group: [...(report.group ?? []), ...taperGroup(fidelity)] }
  return {
    resourceType: 'Bundle',
    type: 'collection',
    entry: [measured, listOf(looking, fidelity, due), ...due].map((resource) => ({
      fullUrl: `urn:uuid:${resource.id ?? ''}`,
      resource,
    })),
  }
}
