// Comes in: the resources that one housing partner may see, and how the export is to be named.
// Goes out: HMIS tables with nothing in them that those resources do not say.
// Never: guesses a living situation, names the programme, or writes a value that reveals what no consent covers.
import type { Patient, Resource, ServiceRequest, Task } from '@medplum/fhirtypes'
import { EVENT_DEFAULT, EVENT_OF_PROJECT_TYPE, RESULT_OF_STATE } from '../../mappings/hmis/event-types.ts'
import type { HmisRow, HmisTables } from '../formats/hmis/hmis-csv.ts'
import type { Instant } from '../model/time.ts'

/** One rule of what a value reveals, and what stands in its place. */
export interface HmisSensitivityRule {
  readonly file: string
  readonly columns: readonly string[]
  /** Values that reveal, or `any`. */
  readonly values: readonly string[] | string
  readonly reveals: string
  readonly projection: string
}

/** How an export is named; every name is the operator's neutral one, for a project name can disclose every client in it. */
export interface HmisOptions {
  readonly exportId: string
  readonly at: Instant
  /** IANA zone in which dates and times are written. */
  readonly zone: string
  readonly periodStart: string
  readonly periodEnd: string
  readonly sourceName: string
  readonly contact: { readonly first: string; readonly last: string; readonly email: string }
  readonly organization: { readonly id: string; readonly name: string }
  readonly project: {
    readonly id: string
    readonly name: string
    readonly type: string
    readonly start: string
    readonly cocCode?: string
  }
  /** HMIS project type of the receiving project; decides the kind of event. */
  readonly receivingProjectType?: string
  readonly userId: string
  /** Sensitivities that this recipient may see, for example `HIV`. */
  readonly maySee: ReadonlySet<string>
  readonly rules: readonly HmisSensitivityRule[]
}

/** HMIS keys have 32 characters: a UUID without its hyphens. */
export const hmisKey = (id: string): string => id.replaceAll('-', '').slice(0, 32)

export const toHmis = (resources: readonly Resource[], options: HmisOptions): HmisTables => {
  const stamp = stampOf(options)
  const requests = resources.filter(
    (r): r is ServiceRequest => r.resourceType === 'ServiceRequest' && isHousing(r) && r.intent === 'order',
  )
  const patients = resources.filter((r): r is Patient => r.resourceType === 'Patient')
  const referred = patients.filter((p) => requests.some((r) => refersTo(r, p)))
  const of = (request: ServiceRequest): Patient | undefined => referred.find((p) => refersTo(request, p))
  const tables: Record<string, HmisRow[]> = {
    Export: [exportRow(options)],
    Organization: [
      {
        OrganizationID: options.organization.id,
        OrganizationName: options.organization.name,
        VictimServiceProvider: '0',
        ...stamp,
      },
    ],
    Project: [projectRow(options, stamp)],
    User: [
      {
        UserID: options.userId,
        DateCreated: stamp['DateCreated'] ?? '',
        DateUpdated: stamp['DateUpdated'] ?? '',
        ExportID: options.exportId,
      },
    ],
    Client: referred.map((p) => clientRow(p, resources, stamp)),
    Enrollment: requests.flatMap((r) => ifKnown(of(r), (p) => enrollmentRow(r, p, options, stamp))),
    Event: requests.flatMap((r) => ifKnown(of(r), (p) => eventRow(r, p, taskOf(r, resources), options, stamp))),
  }
  if (options.project.cocCode !== undefined)
    tables['ProjectCoC'] = [
      {
        ProjectCoCID: options.project.id,
        ProjectID: options.project.id,
        CoCCode: options.project.cocCode,
        Geocode: '000000',
        ...stamp,
      },
    ]
  return suppress(tables, options)
}

const ifKnown = (patient: Patient | undefined, row: (p: Patient) => HmisRow): HmisRow[] =>
  patient === undefined ? [] : [row(patient)]
const refersTo = (request: ServiceRequest, patient: Patient): boolean =>
  request.subject.reference === `Patient/${patient.id ?? ''}`
const isHousing = (r: ServiceRequest): boolean => r.code?.coding?.some((c) => c.code === '710911006') === true
const taskOf = (r: ServiceRequest, all: readonly Resource[]): Task | undefined =>
  all.find((t): t is Task => t.resourceType === 'Task' && t.focus?.reference === `ServiceRequest/${r.id ?? ''}`)

/** A moment as the zone's wall clock shows it: `2026-02-02 09:15:00`. */
const local = (at: string, zone: string): string =>
  new Intl.DateTimeFormat('sv-SE', { timeZone: zone, dateStyle: 'short', timeStyle: 'medium' }).format(new Date(at))
const localDay = (at: string | undefined, options: HmisOptions): string =>
  at === undefined ? local(options.at, options.zone).slice(0, 10) : at.length === 10 ? at : local(at, options.zone).slice(0, 10)

const stampOf = (o: HmisOptions): HmisRow => ({
  DateCreated: local(o.at, o.zone),
  DateUpdated: local(o.at, o.zone),
  UserID: o.userId,
  ExportID: o.exportId,
})

const exportRow = (o: HmisOptions): HmisRow => ({
  ExportID: o.exportId,
  SourceType: '4',
  SourceName: o.sourceName,
  SourceContactFirst: o.contact.first,
  SourceContactLast: o.contact.last,
  SourceContactEmail: o.contact.email,
  ExportDate: local(o.at, o.zone),
  ExportStartDate: o.periodStart,
  ExportEndDate: o.periodEnd,
  SoftwareName: 'Gateway',
  CSVVersion: '2026 v1.0',
  ExportPeriodType: '3',
  ExportDirective: '3',
  HashStatus: '1',
  ImplementationID: o.organization.id,
})

const projectRow = (o: HmisOptions, stamp: HmisRow): HmisRow => ({
  ProjectID: o.project.id,
  OrganizationID: o.organization.id,
  ProjectName: o.project.name,
  OperatingStartDate: o.project.start,
  ContinuumProject: '0',
  ProjectType: o.project.type,
  TargetPopulation: '4',
  ...stamp,
})

const SEX: Readonly<Record<string, string>> = { female: '0', male: '1' }
const NO_RACE = {
  AmIndAKNative: '0',
  Asian: '0',
  BlackAfAmerican: '0',
  HispanicLatinao: '0',
  MidEastNAfrican: '0',
  NativeHIPacific: '0',
  White: '0',
  RaceNone: '99',
}

const clientRow = (patient: Patient, all: readonly Resource[], stamp: HmisRow): HmisRow => {
  const name = patient.name?.[0]
  const isFull = name?.family !== undefined && name.given?.[0] !== undefined
  return {
    PersonalID: hmisKey(patient.id ?? ''),
    FirstName: name?.given?.[0] ?? '',
    MiddleName: name?.given?.slice(1).join(' ') ?? '',
    LastName: name?.family ?? '',
    NameDataQuality: isFull ? '1' : '99',
    SSNDataQuality: '99',
    DOB: patient.birthDate?.length === 10 ? patient.birthDate : '',
    DOBDataQuality: patient.birthDate?.length === 10 ? '1' : '99',
    Sex: SEX[patient.gender ?? ''] ?? '99',
    ...NO_RACE,
    VeteranStatus: veteranStatus(patient, all),
    ...stamp,
  }
}

const veteranStatus = (patient: Patient, all: readonly Resource[]): string => {
  for (const r of all)
    if (
      r.resourceType === 'Observation' &&
      r.subject?.reference === `Patient/${patient.id ?? ''}` &&
      r.code.coding?.[0]?.code === '93034-7'
    ) {
      const answer = r.valueCodeableConcept?.coding?.[0]?.code
      if (answer === 'LA33-6') return '1'
      if (answer === 'LA32-8') return '0'
    }
  return '99'
}

const enrollmentRow = (r: ServiceRequest, patient: Patient, o: HmisOptions, stamp: HmisRow): HmisRow => ({
  EnrollmentID: hmisKey(r.id ?? ''),
  PersonalID: hmisKey(patient.id ?? ''),
  ProjectID: o.project.id,
  EntryDate: localDay(r.authoredOn, o),
  HouseholdID: hmisKey(r.id ?? ''),
  RelationshipToHoH: '1',
  ...(o.project.cocCode !== undefined && { EnrollmentCoC: o.project.cocCode }),
  LivingSituation: '99',
  DisablingCondition: '99',
  ...stamp,
})

const eventRow = (r: ServiceRequest, patient: Patient, task: Task | undefined, o: HmisOptions, stamp: HmisRow): HmisRow => {
  const result = RESULT_OF_STATE[task?.status ?? '']
  const eventDate = localDay(r.authoredOn, o)
  const resultDate = localDay(task?.lastModified ?? task?.meta?.lastUpdated, o)
  return {
    EventID: hmisKey(r.id ?? ''),
    EnrollmentID: hmisKey(r.id ?? ''),
    PersonalID: hmisKey(patient.id ?? ''),
    EventDate: eventDate,
    Event: EVENT_OF_PROJECT_TYPE[o.receivingProjectType ?? ''] ?? EVENT_DEFAULT,
    ...(result !== undefined && { ReferralResult: result, ResultDate: resultDate < eventDate ? eventDate : resultDate }),
    ...stamp,
    ...(task?.status === 'cancelled' && { DateDeleted: local(o.at, o.zone) }),
  }
}

/** The second lock: whatever a row says, a value that reveals what this recipient may not see is taken out or said to be not collected. */
export const suppress = (tables: HmisTables, options: Pick<HmisOptions, 'maySee' | 'rules'>): HmisTables => {
  const rules = options.rules.filter((rule) => !options.maySee.has(rule.reveals))
  return Object.fromEntries(
    Object.entries(tables).map(([file, rows]) => [
      file,
      rows.flatMap((row) => {
        const own = rules.filter((rule) => rule.file === file)
        if (own.some((rule) => rule.projection === 'omit-row' && speaks(rule, row))) return []
        return [own.reduce(project, row)]
      }),
    ]),
  )
}

const isSpoken = (rule: HmisSensitivityRule, value: string | undefined): boolean =>
  value !== undefined && value !== '' && (typeof rule.values === 'string' || rule.values.includes(value))
const speaks = (rule: HmisSensitivityRule, row: HmisRow): boolean => rule.columns.some((column) => isSpoken(rule, row[column]))

const project = (row: HmisRow, rule: HmisSensitivityRule): HmisRow => {
  if (rule.projection === 'omit-row' || !speaks(rule, row)) return row
  const value = rule.projection === 'blank' ? '' : rule.projection
  return { ...row, ...Object.fromEntries(rule.columns.filter((c) => isSpoken(rule, row[c])).map((c) => [c, value])) }
}
