import type { Consent, Deficiency } from '../model/consent.ts'
import type { PatientFacts } from '../model/patient-facts.ts'
import type { Instant } from '../model/time.ts'
import { FOREVER } from '../model/time.ts'
import type { ReadBasis } from './bases.ts'
import { ALWAYS, BEGINNING, both, holdsAt, later, NEVER } from './windows.ts'
import type { Calendar, Window } from './windows.ts'
import { permitsAnything } from './taken-back.ts'

/** What the standing of one consent is judged by. */
export interface Surroundings {
  readonly facts: PatientFacts
  readonly calendar: Calendar
  readonly bases: readonly ReadBasis[]
  readonly all: readonly Consent[]
  readonly lacking: ReadonlyMap<Consent, readonly Deficiency[]>
}

/** A reason for which a whole consent does not count, outside the window in which it does. */
export interface Bar {
  readonly id: string
  readonly law: string
  /** Bars only what the consent permits, or its refusals too: what was never said, is over or taken back is not refused either. */
  readonly stops: 'permits' | 'all'
  /** When the consent stands as far as this bar goes. */
  readonly stands: (consent: Consent, around: Surroundings) => Window
}

const when = (holds: boolean): Window => (holds ? ALWAYS : NEVER)
const PRIVACY_SCOPES: ReadonlySet<string> = new Set(['patient-privacy', 'research'])
const OTHER_SCOPES: ReadonlySet<string> = new Set(['treatment', 'adr'])

/** Why a consent as a whole may not be relied on; each bar alone suffices. */
export const BARS: readonly Bar[] = [
  {
    id: 'other-patient',
    law: '42 CFR 2.31(a)(1)',
    stops: 'all',
    stands: (consent, { facts }) => when(consent.patient === `Patient/${facts.patient}`),
  },
  { id: 'not-active', law: '42 CFR 2.31(c)(3)', stops: 'all', stands: (consent) => when(consent.status === 'active') },
  {
    id: 'not-about-privacy',
    law: '42 CFR 2.31(a)(3)',
    stops: 'all',
    stands: ({ scope }) => when(scope.length === 0 || scope.some(({ code }) => !OTHER_SCOPES.has(code))),
  },
  {
    id: 'scope-unknown',
    law: '42 CFR 2.31(c)(2)',
    stops: 'permits',
    stands: ({ scope }) =>
      when(scope.length === 0 || scope.some(({ code }) => PRIVACY_SCOPES.has(code) || OTHER_SCOPES.has(code))),
  },
  { id: 'not-understood', law: '42 CFR 2.31(c)(2)', stops: 'permits', stands: ({ faults }) => when(faults.length === 0) },
  { id: 'known-false', law: '42 CFR 2.31(c)(4)', stops: 'permits', stands: ({ isKnownFalse }) => when(!isKnownFalse) },
  {
    id: 'deficient',
    law: '42 CFR 2.31(c)(2)',
    stops: 'permits',
    stands: (consent, { lacking }) =>
      when(consent.regime === 'other' || !(lacking.get(consent) ?? []).some(({ affects }) => affects === 'everything')),
  },
  {
    id: 'not-yet-in-force',
    law: '42 CFR 2.31(a)(9)',
    stops: 'all',
    stands: (consent, { calendar }) => ({ from: later(startOf(consent, calendar), signedAt(consent, calendar)), until: FOREVER }),
  },
  {
    id: 'expired',
    law: '42 CFR 2.31(c)(1)',
    stops: 'all',
    stands: (consent, { calendar }) => ({ from: BEGINNING, until: calendar.window(consent.base.period).until }),
  },
  { id: 'expiration-event-passed', law: '42 CFR 2.31(a)(7)', stops: 'permits', stands: eventWindow },
  { id: 'revoked', law: '42 CFR 2.31(c)(3)', stops: 'all', stands: revocationWindow },
  { id: 'replaced', law: '42 CFR 2.31(a)(6)', stops: 'all', stands: replacementWindow },
]

const startOf = (consent: Consent, calendar: Calendar): Instant => calendar.window(consent.base.period).from

const signedAt = (consent: Consent, calendar: Calendar): Instant => {
  if (consent.regime === 'other') return BEGINNING
  return consent.elements.signedAt === undefined ? BEGINNING : calendar.start(consent.elements.signedAt)
}

function eventWindow(consent: Consent, { facts, calendar, bases }: Surroundings): Window {
  const event = consent.elements.expirationEvent
  if (event === undefined || event.kind === 'none') return ALWAYS
  if (event.occurredAt !== undefined) return { from: BEGINNING, until: calendar.start(event.occurredAt) }
  if (event.kind === 'end-of-treatment') return treatmentWindow(facts, calendar)
  if (event.kind === 'other') return ALWAYS
  const ends = bases
    .filter(({ kind, faults }) => kind === 'research-approval' && faults.length === 0)
    .map(({ window }) => window.until)
  return { from: BEGINNING, until: ends.reduce(later, BEGINNING) }
}

const OPEN: ReadonlySet<string | undefined> = new Set(['planned', 'waitlist', 'active', 'onhold'])

/** Treatment lasts while an episode is open; with none on file nobody can say that it lasts. */
const treatmentWindow = ({ evidence }: PatientFacts, calendar: Calendar): Window => {
  const ends = evidence.flatMap((resource) => {
    if (resource.resourceType !== 'EpisodeOfCare') return []
    const end = resource.period?.end
    if (OPEN.has(resource.status)) return [end === undefined ? FOREVER : calendar.end(end)]
    return end === undefined ? [] : [calendar.end(end)]
  })
  return { from: BEGINNING, until: ends.reduce(later, BEGINNING) }
}

/** A criminal-justice consent cannot be revoked before the event that it states. @law 42 CFR 2.35(c) */
function revocationWindow(consent: Consent, { calendar }: Surroundings): Window {
  if (consent.revokedAt === undefined) return ALWAYS
  const revoked = calendar.start(consent.revokedAt)
  const held = consent.types.includes('criminal-justice') ? consent.elements.irrevocable?.until : undefined
  return { from: BEGINNING, until: held === undefined ? revoked : later(revoked, calendar.end(held)) }
}

/**
 * What an older consent permits ends when its successor is signed; what it refuses ends only when the successor can be relied on.
 * Both are one window here: until the successor is in force. A successor that fails § 2.31 leaves the older one's refusals standing.
 */
function replacementWindow(consent: Consent, around: Surroundings): Window {
  const successors = successorsOf(consent, around)
  return successors.reduce<Window>(
    (window, other) =>
      both(window, { from: BEGINNING, until: later(startOf(other, around.calendar), signedAt(other, around.calendar)) }),
    ALWAYS,
  )
}

/** When a consent's permits count, when its refusals count, and which bars speak at a moment. */
export interface Standing {
  readonly permits: Window
  readonly refusals: Window
  readonly barsAt: (at: Instant) => readonly Bar[]
}

/** Judges a consent as a whole, for all times. @law 42 CFR 2.31(c) */
export const standingOf = (consent: Consent, around: Surroundings): Standing => {
  const windows = BARS.map((bar) => ({ bar, window: bar.stands(consent, around) }))
  const permits = windows.reduce<Window>((sum, { window }) => both(sum, window), ALWAYS)
  const refusals = windows.reduce<Window>(
    (sum, { bar, window }) => both(sum, bar.stops === 'all' ? refusalWindow(bar, consent, around, window) : ALWAYS),
    ALWAYS,
  )
  return { permits, refusals, barsAt: (at) => windows.filter(({ window }) => !holdsAt(window, at)).map(({ bar }) => bar) }
}

/** What the patient refused beside what she permitted stays refused when she takes the permission back. */
const refusalWindow = (bar: Bar, consent: Consent, around: Surroundings, window: Window): Window => {
  const isTakenBack = consent.revokedAt !== undefined && permitsAnything(consent.base)
  if (bar.id === 'revoked') return isTakenBack ? ALWAYS : window
  if (bar.id === 'not-active') return isTakenBack && consent.status === 'inactive' ? ALWAYS : window
  if (bar.id === 'replaced') return isReliablyReplaced(consent, around) ? window : ALWAYS
  return window
}

const successorsOf = (consent: Consent, around: Surroundings): readonly Consent[] =>
  around.all.filter(
    (other) =>
      other !== consent &&
      other.status === 'active' &&
      other.patient === consent.patient &&
      other.replaces.includes(`Consent/${consent.id}`),
  )

const isReliablyReplaced = (consent: Consent, around: Surroundings): boolean =>
  successorsOf(consent, around).some(
    (other) =>
      other.faults.length === 0 &&
      !other.isKnownFalse &&
      (other.regime === 'other' || !(around.lacking.get(other) ?? []).some(({ affects }) => affects === 'everything')),
  )
