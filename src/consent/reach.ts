import type {
  CareTeam,
  Encounter,
  EpisodeOfCare,
  Group,
  PractitionerRole,
  Resource,
  ServiceRequest,
  Task,
} from '@medplum/fhirtypes'
import type { PartnerId } from '../model/ids.ts'
import type { Partner, PartnerIdentifier } from '../model/partner.ts'
import { ALWAYS, both, holdsAt } from './windows.ts'
import type { Calendar, Window } from './windows.ts'
import type { Instant } from '../model/time.ts'

/** That a designation means one partner, when, and by which evidence. */
export interface Reach {
  readonly window: Window
  /** `CareTeam/…`, `PractitionerRole/…`; empty when the partner is named itself. */
  readonly evidence: readonly string[]
  /** The intermediary of which the partner is a member, where it is meant only through that. @law 42 CFR 2.24 */
  readonly via?: PartnerId
}

/** Every reach of a designation; `unknown` when nobody can say whom it means. */
export type Reaches = readonly Reach[] | 'unknown'

/** Those that are known. */
export const knownOf = (reaches: Reaches): readonly Reach[] => (reaches === 'unknown' ? [] : reaches)

/** Does a designation mean the partner at this moment. */
export const meansAt = (reaches: Reaches, at: Instant): boolean | 'unknown' =>
  reaches === 'unknown' ? reaches : reaches.some(({ window }) => holdsAt(window, at))

/** The evidence about one patient, found by reference. */
export interface Directory {
  readonly calendar: Calendar
  readonly resources: ReadonlyMap<string, Resource>
  readonly roles: readonly PractitionerRole[]
  readonly all: readonly Resource[]
}

/** Somebody a resource points at: by reference, by identifier, or both. */
export interface Pointer {
  readonly reference?: string | undefined
  readonly identifiers: readonly { readonly system?: string | undefined; readonly value?: string | undefined }[]
  readonly includesParts?: boolean
}

const HOPS_MAX = 4

/** Somebody who is named himself, for as long as he is named. */
export const BY_NAME: readonly Reach[] = [{ window: ALWAYS, evidence: [] }]

/** Where the evidence is found, made once for a patient. */
export const directoryOf = (evidence: readonly Resource[], calendar: Calendar): Directory => ({
  calendar,
  resources: new Map(evidence.map((resource) => [keyOf(resource), resource])),
  roles: evidence.filter((resource) => resource.resourceType === 'PractitionerRole'),
  all: evidence,
})

/**
 * When, and by which evidence, does a pointer mean this partner; `unknown` when nobody can say whom it means.
 * An organisation is matched by id or identifier, never by name. @law 42 CFR 2.31(a)(4)(i)
 */
export const reachOf = (directory: Directory, pointer: Pointer, partner: Partner, hops = 0): Reaches => {
  const { reference } = pointer
  if (pointer.identifiers.some((identifier) => isSameIdentifier(identifier, partner.identifiers))) return BY_NAME
  if (partner.identifiers.some(({ value }) => value === reference)) return BY_NAME
  const hasIdentifier = pointer.identifiers.some(({ system, value }) => system !== undefined && value !== undefined)
  const [, type, id] = /^([A-Z][A-Za-z]+)\/([A-Za-z0-9.-]{1,64})$/.exec(reference ?? '') ?? []
  if (reference === undefined || type === undefined || id === undefined) return hasIdentifier ? [] : 'unknown'
  if (type === 'Organization') return organisationReach(directory, id, partner, pointer.includesParts === true)
  if (hops >= HOPS_MAX) return 'unknown'
  const found = directory.resources.get(reference)
  if (found !== undefined && hasSameIdentifier(found, partner)) return BY_NAME
  if (type === 'Patient' || type === 'RelatedPerson') return []
  switch (type) {
    case 'PractitionerRole':
      return found?.resourceType === 'PractitionerRole' ? roleReach(directory, found, partner) : 'unknown'
    case 'Practitioner': {
      const roles = directory.roles.filter((role) => role.practitioner?.reference === reference)
      return roles.length === 0 && found === undefined
        ? 'unknown'
        : anyReach(roles.map((role) => roleReach(directory, role, partner)))
    }
    case 'CareTeam':
      return found?.resourceType === 'CareTeam' ? careTeamReach(directory, found, partner, hops) : 'unknown'
    case 'Group':
      return found?.resourceType === 'Group' ? groupReach(directory, found, partner, hops) : 'unknown'
    default:
      return 'unknown'
  }
}

/** Known reaches together; unknown only when nothing is known. */
const anyReach = (reaches: readonly Reaches[]): Reaches => {
  const known = reaches.filter((reach) => reach !== 'unknown')
  return known.length === 0 && reaches.length > 0 ? 'unknown' : known.flat()
}

const isSameIdentifier = (
  identifier: { readonly system?: string | undefined; readonly value?: string | undefined },
  own: readonly PartnerIdentifier[],
): boolean => own.some(({ system, value }) => system === identifier.system && value === identifier.value)

const hasSameIdentifier = (resource: Resource, partner: Partner): boolean =>
  'identifier' in resource &&
  Array.isArray(resource.identifier) &&
  resource.identifier.some((identifier) => isSameIdentifier(identifier, partner.identifiers))

const organisationReach = (directory: Directory, id: string, partner: Partner, includesParts: boolean): readonly Reach[] => {
  const found = directory.resources.get(`Organization/${id}`)
  if (id === partner.id || (found !== undefined && hasSameIdentifier(found, partner))) return BY_NAME
  if (!includesParts) return []
  const chain: string[] = []
  let at = `Organization/${partner.id}`
  while (chain.length < HOPS_MAX) {
    const part = directory.resources.get(at)
    const parent = part?.resourceType === 'Organization' ? part.partOf?.reference : undefined
    if (parent === undefined) return []
    chain.push(at)
    if (parent === `Organization/${id}`) return [{ window: ALWAYS, evidence: chain }]
    at = parent
  }
  return []
}

/** A FHIR Reference as a pointer. */
export const pointerOf = (
  reference: { reference?: string; identifier?: { system?: string; value?: string } } | undefined,
): Pointer => ({
  reference: reference?.reference,
  identifiers: reference?.identifier === undefined ? [] : [reference.identifier],
})

/** Reaches narrowed to a window, with what narrows them named first. */
export const within = (reach: Reaches, window: Window, evidence: string): Reaches =>
  reach === 'unknown' ? reach : reach.map((one) => ({ window: both(one.window, window), evidence: [evidence, ...one.evidence] }))

/** `Type/id` of evidence. */
export const keyOf = (resource: Resource): string => `${resource.resourceType}/${resource.id ?? ''}`

const roleReach = (directory: Directory, role: PractitionerRole, partner: Partner): Reaches => {
  if (role.active === false) return []
  const person = directory.resources.get(role.practitioner?.reference ?? '')
  if (person !== undefined && hasSameIdentifier(person, partner))
    return [{ window: directory.calendar.window(role.period), evidence: [keyOf(role)] }]
  if (role.organization === undefined) return []
  return within(
    reachOf(directory, pointerOf(role.organization), partner, HOPS_MAX - 1),
    directory.calendar.window(role.period),
    keyOf(role),
  )
}

const careTeamReach = (directory: Directory, team: CareTeam, partner: Partner, hops: number): Reaches => {
  if (team.status !== undefined && team.status !== 'active') return []
  const whole = directory.calendar.window(team.period)
  const reaches = (team.participant ?? []).map((participant) => {
    const means = [participant.member, participant.onBehalfOf].flatMap((one) =>
      one === undefined ? [] : [reachOf(directory, pointerOf(one), partner, hops + 1)],
    )
    return within(anyReach(means), both(whole, directory.calendar.window(participant.period)), keyOf(team))
  })
  return anyReach(reaches)
}

const groupReach = (directory: Directory, group: Group, partner: Partner, hops: number): Reaches => {
  if (group.active === false) return []
  const reaches = (group.member ?? []).map((member) =>
    member.inactive === true
      ? []
      : within(
          reachOf(directory, pointerOf(member.entity), partner, hops + 1),
          directory.calendar.window(member.period),
          keyOf(group),
        ),
  )
  return anyReach(reaches)
}

const HEALTH_SECTORS: ReadonlySet<string> = new Set(['mission', 'hospital', 'behavioural-health', 'hiv', 'other'])

/** Is this partner one who diagnoses, evaluates or treats. @law 42 CFR 2.11 "Treating provider relationship" */
export const isHealthCareProvider = (partner: Partner): boolean =>
  HEALTH_SECTORS.has(partner.sector) && partner.kinds.some((kind) => kind === 'covered-entity' || kind === 'part2-program')

const OPEN_REFERRAL: ReadonlySet<string | undefined> = new Set(['active', 'on-hold'])
const OPEN_TASK: ReadonlySet<string | undefined> = new Set([
  'requested',
  'received',
  'accepted',
  'ready',
  'in-progress',
  'on-hold',
])
const ENCOUNTER: ReadonlySet<string | undefined> = new Set([
  'planned',
  'arrived',
  'triaged',
  'in-progress',
  'onleave',
  'finished',
])
const OPEN_EPISODE: ReadonlySet<string | undefined> = new Set(['planned', 'waitlist', 'active', 'onhold'])

/**
 * When does this partner treat the patient, by CareTeam, active referral, Encounter or EpisodeOfCare.
 * @law 42 CFR 2.11 "Treating provider relationship"
 */
export const treatingReach = (directory: Directory, partner: Partner): readonly Reach[] =>
  isHealthCareProvider(partner) ? directory.all.flatMap((resource) => relationIn(directory, resource, partner)) : []

/** Does this person (`Practitioner/…`) work with the patient by the same evidence. @law 42 CFR 2.12(c)(3) */
export const worksWith = (directory: Directory, person: string, at: Instant): boolean => {
  const roles = new Set([
    person,
    ...directory.roles.filter(({ active, practitioner }) => active !== false && practitioner?.reference === person).map(keyOf),
  ])
  const isNamed = (...people: readonly ({ reference?: string } | undefined)[]): boolean =>
    people.some((one) => one?.reference !== undefined && roles.has(one.reference))
  const during = (period: { start?: string; end?: string } | undefined): boolean => holdsAt(directory.calendar.window(period), at)
  return directory.all.some((resource) => {
    switch (resource.resourceType) {
      case 'CareTeam':
        return (
          resource.status === 'active' &&
          during(resource.period) &&
          (resource.participant ?? []).some(({ member, period }) => isNamed(member) && during(period))
        )
      case 'Encounter':
        return (
          ENCOUNTER.has(resource.status) &&
          during(resource.period) &&
          (resource.participant ?? []).some(({ individual }) => isNamed(individual))
        )
      case 'EpisodeOfCare':
        return OPEN_EPISODE.has(resource.status) && during(resource.period) && isNamed(resource.careManager)
      case 'Task':
        return OPEN_TASK.has(resource.status) && during(resource.executionPeriod) && isNamed(resource.owner)
      case 'ServiceRequest':
        return OPEN_REFERRAL.has(resource.status) && isNamed(resource.requester, ...(resource.performer ?? []))
      default:
        return false
    }
  })
}

const relationIn = (directory: Directory, resource: Resource, partner: Partner): readonly Reach[] => {
  const by = (window: Window, ...people: readonly Parameters<typeof pointerOf>[0][]): readonly Reach[] =>
    people.flatMap((one) =>
      one === undefined ? [] : knownOf(within(reachOf(directory, pointerOf(one), partner), window, keyOf(resource))),
    )
  switch (resource.resourceType) {
    case 'CareTeam':
      return knownOf(careTeamReach(directory, resource, partner, 0))
    case 'ServiceRequest':
      return referralReach(directory, resource, by)
    case 'Task':
      return taskReach(directory, resource, by)
    case 'Encounter':
      return encounterReach(directory, resource, by)
    case 'EpisodeOfCare':
      return episodeReach(directory, resource, by)
    default:
      return []
  }
}

type By = (window: Window, ...people: readonly Parameters<typeof pointerOf>[0][]) => readonly Reach[]

const referralReach = ({ calendar }: Directory, referral: ServiceRequest, by: By): readonly Reach[] =>
  OPEN_REFERRAL.has(referral.status)
    ? by(
        calendar.window(referral.authoredOn === undefined ? undefined : { start: referral.authoredOn }),
        ...(referral.performer ?? []),
      )
    : []

const taskReach = ({ calendar }: Directory, task: Task, by: By): readonly Reach[] =>
  OPEN_TASK.has(task.status)
    ? by(both(calendar.window(task.executionPeriod), calendar.window(task.restriction?.period)), task.owner)
    : []

const encounterReach = ({ calendar }: Directory, encounter: Encounter, by: By): readonly Reach[] => {
  const isOver = encounter.status === 'finished' && encounter.period?.end === undefined
  if (!ENCOUNTER.has(encounter.status) || isOver) return []
  return by(
    calendar.window(encounter.period),
    encounter.serviceProvider,
    ...(encounter.participant ?? []).map(({ individual }) => individual),
  )
}

const episodeReach = ({ calendar }: Directory, episode: EpisodeOfCare, by: By): readonly Reach[] =>
  OPEN_EPISODE.has(episode.status) ? by(calendar.window(episode.period), episode.managingOrganization, episode.careManager) : []
