import type { Resource } from '@medplum/fhirtypes'
import { consult, ConsultRequest, type Consultation, type ConsultHouse } from '../consent/consult.ts'
import { logicalOf } from '../disclosure/logical.ts'
import { readConsent } from '../consent/read-consent.ts'
import { scopeOf } from '../consent/scope.ts'
import { minimise } from '../disclosure/minimise.ts'
import { noticeOf } from '../disclosure/notice.ts'
import { renderAll } from '../disclosure/render-all.ts'
import { patientOf } from '../formats/fhir/compartment.ts'
import { factsOf } from '../labelling/facts.ts'
import { labelAll, type Unlabelled } from '../labelling/label.ts'
import type { Allowance } from '../model/decision.ts'
import { patientId, type PartnerId } from '../model/ids.ts'
import type { Labels } from '../model/label.ts'
import type { Partner } from '../model/partner.ts'
import { FOREVER } from '../model/time.ts'
import { problem, type Issue } from '../platform/problem.ts'
import { fail, ok, type Result } from '../platform/result.ts'
import { factsForUpdate, type HeldFacts } from '../store/facts.ts'
import { validate } from '../validation/validate.ts'
import { tellingOf, viewOf } from './decide-again.ts'
import { NOBODY } from './nobody.ts'
import { entryFor, type ConsultAnswer } from './consult-entry.ts'
import type { Looker } from './explain.ts'
import type { House } from './house.ts'
import { mayLookAt } from './person-behind.ts'
import { withReliedEvidence } from './relied-evidence.ts'
import { reviewsAbout } from './reviewed.ts'
import { tellingAmong } from './telling-shared.ts'
import { visibleMatches } from './visible.ts'

type Asked = ReturnType<typeof ConsultRequest.parse>['context']

/**
 * `patient-consent-consult`: may this actor have this, by the consents on file or by those that the request brings. What leaves is
 * what came in, redacted; no stored record does. The answer is on the ledger before it leaves.
 * A partner may ask about itself only, and cannot tell a refusal from a patient who is not here.
 * @spec CDS Hooks patient-consent-consult   @law 42 CFR 2.13(c)(2), 2.31, 2.33
 */
export const consultAbout = async (house: House, looker: Looker, body: unknown): Promise<Result<ConsultAnswer>> => {
  const partners = (await house.partners.all()).filter(({ isActive }) => isActive).map((one) => namedBySelf(house, one))
  const self = partners.find(({ id }) => id === looker.partner)
  if (self === undefined) return fail(problem('unauthenticated', 'partner-unknown'))
  const parsed = ConsultRequest.safeParse(body)
  const context = parsed.success ? parsed.data.context : undefined
  const faults = context === undefined ? [] : faultsIn(house, context)
  if (faults.length > 0) return fail(problem('invalid', 'bundle-invalid', { issues: faults }))
  const isProgramme = self.kinds.includes('programme')
  const isStored = context !== undefined && context.consent === undefined
  const isAboutSelf = context !== undefined && isProgramme ? true : isNamed(self, context?.actor ?? [])
  if (isStored && !isProgramme && !purposesOf(context).every((purpose) => looker.purposes.includes(purpose)))
    return fail(problem('forbidden', 'purpose-not-asserted', { detail: 'the access token does not assert this purpose' }))
  const onFile = isStored && isAboutSelf ? await heldFor(house, partners, context) : undefined
  // a person who may not look at the patient hears what is said of one who is not here
  const held = onFile !== undefined && (await mayLookAt(house, looker, onFile.facts.patient)) ? onFile : undefined
  const labels = await labelsOf(house, self, partners, held, resourcesIn(context?.content))
  const room: ConsultHouse = {
    at: house.clock.now(),
    zone: house.settings.zone,
    partners,
    ...(held === undefined ? {} : { stored: held.facts }),
    describe: (resources) =>
      resources.flatMap((resource) => {
        const own = labels.get(keyOf(resource))
        return own === undefined ? [] : [factsOf(resource, own)]
      }),
  }
  const consulted = consult(body, room)
  if (!consulted.ok) return consulted
  const said = isStored && !isProgramme ? veiled(consulted.value) : consulted.value
  const answer = answerOf(house, room, labels, said, context, held)
  await house.ledger.append(
    entryFor(house, context === undefined ? looker : { ...looker, purposes: purposesOf(context) }, said, answer, held),
  )
  return ok(answer)
}

/** A partner is known by its id too, as consents name it. */
const namedBySelf = (house: House, partner: Partner): Partner => ({
  ...partner,
  identifiers: [
    ...partner.identifiers,
    ...['', house.settings.fhirBase].flatMap((system) => [
      { system, value: partner.id },
      { system, value: `Organization/${partner.id}` },
    ]),
  ],
})

const isNamed = (partner: Partner, actor: Asked['actor']): boolean =>
  actor.length > 0 &&
  actor.every((given) => partner.identifiers.some((own) => own.value === given.value && own.system === (given.system ?? '')))

const purposesOf = ({ purposeOfUse }: Asked): readonly string[] => [purposeOfUse].flat()

/** From stored consents a partner learns what it may have, and not what was kept from it. */
const veiled = (said: Consultation): Consultation =>
  said.decision === 'CONSENT_PERMIT' ? { ...said, obligations: [] } : { decision: 'NO_CONSENT', obligations: [] }

const resourcesIn = (bundle: Asked['content']): readonly Resource[] =>
  (bundle?.entry ?? []).flatMap(({ resource }) => (resource === undefined ? [] : [resource as unknown as Resource]))

const keyOf = ({ resourceType, id }: Pick<Resource, 'resourceType' | 'id'>): string => `${resourceType}/${id ?? ''}`
const keyOfVersion = ({ resource }: { readonly resource: Resource }): string => keyOf(resource)

/** Faults of form; whether a consent says all that it should is judged when it is relied on. */
const FORM: ReadonlySet<string> = new Set(['structure', 'value', 'too-long', 'too-costly'])

const faultsIn = (house: House, { content, consent }: Asked): readonly Issue[] => {
  const seen = new Set<string>()
  return [...parts('content', content), ...parts('consent', consent)].flatMap(([path, resource]): readonly Issue[] => {
    const issues = validate(resource, house.definitions)
      .filter(({ severity, code }) => severity === 'error' && FORM.has(code))
      .map((issue) => ({ ...issue, path: `${path}: ${issue.path}` }))
    const isTwice = path.startsWith('context.content') && (resource.id === undefined || seen.has(keyOf(resource)))
    seen.add(keyOf(resource))
    return isTwice
      ? [...issues, { path, message: 'every resource of the content has an id of its own', severity: 'error', code: 'structure' }]
      : issues
  })
}

const parts = (name: string, bundle: Asked['content']): readonly (readonly [string, Resource])[] =>
  resourcesIn(bundle).map((resource, index) => [`context.${name}.entry[${String(index)}].resource`, resource] as const)

/** The one patient whom the identifiers name, with all that is on file; the programme's own view finds them. */
const heldFor = async (house: House, partners: readonly Partner[], context: Asked): Promise<HeldFacts | undefined> => {
  const programme = partners.find(({ kinds }) => kinds.includes('programme'))
  if (programme === undefined) return undefined
  const found = new Set<string>()
  for (const { system, value } of context.patientId) {
    const criteria = new URLSearchParams([['identifier', `${escaped(system ?? '')}|${escaped(value)}`]]).toString()
    const looker = { partner: programme.id, purposes: programme.purposes.slice(0, 1) }
    const matches = await visibleMatches(house, house.reader, looker, 'Patient', criteria)
    for (const id of matches.ok ? matches.value : []) found.add(id)
  }
  const [patient] = found
  if (patient === undefined || found.size > 1) return undefined
  const held = await house.db.transact(async (tx) => {
    const all = await factsForUpdate(tx, patient, partners, house.settings.zone)
    return { ...all, facts: await withReliedEvidence(tx, all, partners) }
  })
  const { jurisdiction } = house.settings
  const { facts } = held
  return { ...held, facts: jurisdiction === undefined ? facts : { ...facts, jurisdiction } }
}

/** @spec FHIR R4 search.html#escaping */
const escaped = (text: string): string => text.replace(/[\\$,|]/g, (character) => `\\${character}`)

/**
 * What came along is labelled beside what is on file, so that a label reaches it from there as well, and by the organisations, places and
 * staff on file that it names; what staff have decided about a text counts for the record on file that holds it, wherever it stands now.
 * @law 42 CFR 2.13(c)(2)
 */
const labelsOf = async (
  house: House,
  self: Partner,
  partners: readonly Partner[],
  held: HeldFacts | undefined,
  content: readonly Resource[],
): Promise<ReadonlyMap<string, Labels>> => {
  const brought = new Set(content.map(keyOf))
  const onFile = (held?.versions ?? []).filter(
    ({ isCurrent, isDeleted, resource }) => isCurrent && !isDeleted && !brought.has(keyOf(resource)),
  )
  const origin = { partner: self.id, isPart2: self.kinds.includes('part2-program') }
  const came = content.map((resource): Unlabelled => {
    const stored = held?.versions.find(({ isCurrent, resource: own }) => isCurrent && keyOf(own) === keyOf(resource))
    return { resource, origin: stored?.origin ?? origin }
  })
  const isKnown = new Set((held?.versions ?? []).filter(({ isCurrent, isDeleted }) => isCurrent && !isDeleted).map(keyOfVersion))
  const known = [...onFile, ...came].filter(({ resource }) => isKnown.has(keyOf(resource)))
  const reviews = await reviewsAbout(house, house.db, known, partners)
  const labelled = (telling: Awaited<ReturnType<typeof tellingAmong>>): ReadonlyMap<string, Labels> =>
    labelAll([...onFile, ...came], house.rules, { partners, telling, reviews })
  const first = labelled([])
  const telling = await tellingAmong(house.db, [...onFile, ...content.flatMap((resource) => asVersion(resource, first))])
  return telling.length === 0 ? first : labelled(telling)
}

const answerOf = (
  house: House,
  room: ConsultHouse,
  labels: ReadonlyMap<string, Labels>,
  { decision, obligations, basedOn, content, recipient }: Consultation,
  context: Asked | undefined,
  held: HeldFacts | undefined,
): ConsultAnswer => {
  const base = { decision, obligations, ...(basedOn === undefined ? {} : { basedOn }) }
  if (content === undefined || recipient === undefined) return base
  const brought = resourcesIn(context?.content)
  const person = personIn(brought, context, held)
  const given = brought.filter((resource) => [undefined, person].includes(patientOf({ ...resource })))
  const partners = [...room.partners.filter(({ id }) => id !== recipient.id), recipient]
  const records = room.describe(given)
  const allowances = content.map(({ key, withheldParts, basis }): Allowance => {
    const [type = '', id = ''] = key.split('/')
    const shared = { recipient: recipient.id, purpose: 'TREAT', from: room.at, until: FOREVER, obligations: [], because: [] }
    return { type, id, basis, withheldParts, ...shared }
  })
  const named = given.map((resource) => ({ type: resource.resourceType, id: resource.id ?? '', resource }))
  const facts = { patient: patientId(person), records, partners, ...logicalOf(named) }
  const view = viewOf(
    house,
    given.flatMap((resource) => asVersion(resource, labels)),
  )
  const rendered = renderAll(facts, minimise(allowances, records, partners), tellingOf(house, partners), view)
  const byKey = new Map(rendered.map((one) => [`${one.type}/${one.id}`, one.resource]))
  const entry = given.flatMap((resource) => {
    const left = byKey.get(keyOf(resource))
    return left === undefined ? [] : [{ resource: left }]
  })
  const byConsent = content.some(({ basis }) => basis.kind === 'consent')
  return {
    ...base,
    content: { resourceType: 'Bundle', type: 'collection', entry },
    ...(byConsent ? { notice: wordsOf(house, recipient.id, basedOn, context, held) } : {}),
  }
}

/** The notice, and what the consent covers, in both languages. @law 42 CFR 2.32(a), (b) */
const wordsOf = (
  house: House,
  recipient: PartnerId,
  basedOn: string | undefined,
  context: Asked | undefined,
  held: HeldFacts | undefined,
): string => {
  const { text } = noticeOf(house.settings.statement)
  const consents = [...resourcesIn(context?.consent), ...(held?.facts.evidence ?? [])]
  const consent = consents.find((one) => one.resourceType === 'Consent' && keyOf(one) === basedOn)
  const read = consent?.resourceType === 'Consent' ? readConsent(consent) : undefined
  return (['en', 'es'] as const)
    .flatMap((language) => [text[language], ...(read === undefined ? [] : [scopeOf(read, language, recipient)])])
    .join('\n\n')
}

/**
 * The patient whom the content may be about: the one on file, under another id only when it comes with the identifiers asked for.
 * What is about anybody else stays out.
 */
const personIn = (given: readonly Resource[], context: Asked | undefined, held: HeldFacts | undefined): string => {
  const named = given.find(
    (resource) =>
      resource.resourceType === 'Patient' &&
      (resource.identifier ?? []).some((own) =>
        (context?.patientId ?? []).some(({ system, value }) => own.value === value && (own.system ?? '') === (system ?? '')),
      ),
  )
  if (named?.id !== undefined) return named.id
  if (held !== undefined) return held.facts.patient
  return given.map((resource) => patientOf({ ...resource })).find((one) => one !== undefined) ?? NOBODY
}

/** What came along, in the form in which the view reads what is stored. */
const asVersion = (resource: Resource, labels: ReadonlyMap<string, Labels>): Parameters<typeof viewOf>[1] => {
  const own = labels.get(keyOf(resource))
  const { id } = resource
  if (own === undefined || id === undefined) return []
  const none = { patient: '', version: 1, isCurrent: true, isDeleted: false, updated: FOREVER, origin: own.origin }
  return [{ ...none, type: resource.resourceType, id, labels: own, facts: factsOf(resource, own), resource: { ...resource, id } }]
}
