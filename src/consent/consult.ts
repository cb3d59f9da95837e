// In: a CDS Hooks request, and the facts or the means to make them. Out: permit, deny or no consent, with what to leave out.
// Never: a reason that would tell the asker what is withheld; never content on anything but a permit.
import type { Bundle, Consent as FhirConsent, Patient, Resource } from '@medplum/fhirtypes'
import { z } from 'zod'
import type { Basis } from '../model/decision.ts'
import { partnerId, patientId } from '../model/ids.ts'
import type { RecordFacts } from '../model/label.ts'
import type { Partner } from '../model/partner.ts'
import type { PatientFacts } from '../model/patient-facts.ts'
import type { Instant } from '../model/time.ts'
import { problem } from '../platform/problem.ts'
import { fail, ok } from '../platform/result.ts'
import type { Result } from '../platform/result.ts'
import { consentGround } from './by-consent.ts'
import { isPurpose } from './codes.ts'
import { inquire, judge, withheldFrom } from './judge.ts'
import type { Verdict } from './judge.ts'
import type { Inquiry } from './inquiry.ts'
import { outlookOf } from './outlook.ts'
import type { Outlook } from './outlook.ts'
import { contentOf } from './tree.ts'
import type { Content } from './tree.ts'
import { keyOf, worldOf } from './world.ts'

const identifier = z.looseObject({ system: z.string().optional(), value: z.string().min(1) })
const coding = z.looseObject({ system: z.string().optional(), code: z.string().optional() })
const purpose = z.union([z.string().min(1), coding.transform(({ code }) => code ?? '')])
/** Only what the room walks through has to have its shape; the rest is read as it comes. */
const entry = z.looseObject({ resource: z.looseObject({ resourceType: z.string() }).optional() })
const bundle = z.looseObject({ resourceType: z.literal('Bundle'), entry: z.array(entry).optional() })

/** @spec CDS Hooks patient-consent-consult */
export const ConsultRequest = z.looseObject({
  hook: z.literal('patient-consent-consult'),
  hookInstance: z.string().min(1),
  context: z.looseObject({
    patientId: z.array(identifier).min(1),
    actor: z.array(identifier).min(1),
    category: z.array(coding).optional(),
    class: z.array(coding).optional(),
    purposeOfUse: z.union([purpose, z.array(purpose).min(1)]),
    content: bundle.optional(),
    consent: bundle.optional(),
  }),
})

/** What the corridor brings: the clock, the partners, what it has stored of the patient, and labelling for content that came along. */
export interface ConsultHouse {
  readonly at: Instant
  readonly zone: string
  readonly partners: readonly Partner[]
  /** Of the patient that the identifiers name; absent when there is none, or when the consents came along. */
  readonly stored?: PatientFacts
  /** Labels and facts of resources that came along. */
  readonly describe: (resources: readonly Resource[]) => readonly RecordFacts[]
}

/** One coded thing to leave out, or to leave in. */
export type ConsultCode = Readonly<{ system?: string; code: string }>

/** The decision, and which records of the content may go without which parts. */
export interface Consultation {
  readonly decision: 'CONSENT_PERMIT' | 'CONSENT_DENY' | 'NO_CONSENT'
  readonly obligations: readonly {
    readonly id: { readonly system: string; readonly code: string }
    readonly parameters: { readonly codes: readonly ConsultCode[]; readonly exceptAnyOfCodes: readonly ConsultCode[] }
  }[]
  readonly basedOn?: string
  /** `Type/id` of what may go, with the JSON pointers to take out; present when content came along and the answer is a permit. */
  readonly content?: readonly { readonly key: string; readonly withheldParts: readonly string[]; readonly basis: Basis }[]
  /** Who the content is for; present with it. */
  readonly recipient?: Partner
}

type Context = z.infer<typeof ConsultRequest>['context']

/**
 * Answers whether consents permit a disclosure: those on file, or those that the request brings.
 * Brought consents are judged alone: no other basis and no state overlay helps or narrows.
 * @spec CDS Hooks patient-consent-consult   @law 42 CFR 2.31, 2.33
 */
export const consult = (body: unknown, house: ConsultHouse): Result<Consultation> => {
  const parsed = ConsultRequest.safeParse(body)
  if (!parsed.success)
    return fail(
      problem('invalid', 'consult-request-invalid', {
        issues: parsed.error.issues.map(({ path, message }) => ({
          path: path.map(String).join('.'),
          message,
          severity: 'error',
          code: 'invalid',
        })),
      }),
    )
  const { context } = parsed.data
  const purposes = [context.purposeOfUse].flat()
  if (!purposes.every(isPurpose))
    return fail(problem('invalid', 'purpose-unknown', { detail: 'every purpose is a v3-ActReason code' }))
  const partner = askerOf(context, house, purposes)
  const facts = context.consent === undefined ? storedFacts(house, partner) : broughtFacts(context, house, partner)
  if (facts === undefined) return ok({ decision: 'NO_CONSENT', obligations: [] })
  const world = worldOf(facts)
  const inquiries = purposes.map((asked) => inquire({ world, partner, purpose: asked, at: house.at }))
  return ok(answer(context, house, partner, inquiries))
}

const codesIn = (given: Context['class']): readonly string[] => given?.flatMap(({ code }) => code ?? []) ?? []

const answer = (context: Context, house: ConsultHouse, partner: Partner, inquiries: readonly Inquiry[]): Consultation => {
  const categories = new Set(codesIn(context.category))
  const heard = inquiries.map((inquiry) => ofCategory(inquiry, categories))
  const outlooks = heard.map((inquiry) => outlookOf(inquiry, codesIn(context.class)))
  const isBrought = context.consent !== undefined
  const isSilent = outlooks.some((outlook) => outlook.isSilent)
  const given = resourcesIn(context.content)
  const content = release(given, house, heard, isBrought)
  const permits = given.length > 0 ? content.length > 0 : outlooks.every((outlook) => outlook.permits)
  if (isSilent && (isBrought || !permits)) return { decision: 'NO_CONSENT', obligations: [] }
  if (!permits) return { decision: 'CONSENT_DENY', obligations: [] }
  const basedOn = outlooks[0]?.basedOn
  return {
    decision: 'CONSENT_PERMIT',
    obligations: obligationsFrom(outlooks),
    ...(basedOn === undefined ? {} : { basedOn }),
    ...(context.content === undefined ? {} : { content, recipient: partner }),
  }
}

const ofCategory = (inquiry: Inquiry, categories: ReadonlySet<string>): Inquiry =>
  categories.size === 0
    ? inquiry
    : {
        ...inquiry,
        applied: inquiry.applied.filter(({ file }) =>
          [...file.consent.categories, ...file.consent.scope].some(({ code }) => categories.has(code)),
        ),
      }

/** Every purpose has to let a record go; a part stays out when one of them keeps it. */
const release = (
  resources: readonly Resource[],
  house: ConsultHouse,
  inquiries: readonly Inquiry[],
  isBrought: boolean,
): NonNullable<Consultation['content']> =>
  house.describe(resources).flatMap((record) => {
    const verdicts = inquiries.map((inquiry) => {
      const content = contentOf(record, inquiry.question.world.calendar)
      return isBrought ? onBrought(inquiry, content) : judge(inquiry, content)
    })
    const permits = verdicts.filter((verdict) => verdict.effect === 'permit')
    const [first] = permits
    if (first === undefined || permits.length < verdicts.length) return []
    const withheldParts = [...new Set(permits.flatMap((verdict) => verdict.withheldParts))].sort()
    return [{ key: keyOf(record), withheldParts, basis: first.grant.basis }]
  })

/** What the brought consents say of a record, and nothing else; of one that is not labelled nobody can say anything. */
const onBrought = (inquiry: Inquiry, content: Content): Verdict => {
  const finding = consentGround.find(inquiry, content)
  if (content.labels.status === 'pending' || !('grant' in finding)) return { effect: 'deny', because: () => [] }
  return { effect: 'permit', grant: finding.grant, withheldParts: withheldFrom(inquiry, content, finding.grant) }
}

const ACT_CODE = 'http://terminology.hl7.org/CodeSystem/v3-ActCode'

const obligationsFrom = (outlooks: readonly Outlook[]): Consultation['obligations'] => {
  const codes = uniqueCodes(outlooks.flatMap(({ refused }) => refused))
  const exceptAnyOfCodes = uniqueCodes(outlooks.flatMap(({ onlyThese }) => onlyThese))
  return codes.length + exceptAnyOfCodes.length === 0
    ? []
    : [{ id: { system: ACT_CODE, code: 'REDACT' }, parameters: { codes, exceptAnyOfCodes } }]
}

const uniqueCodes = (codes: readonly ConsultCode[]): readonly ConsultCode[] => [
  ...new Map(codes.map((one) => [JSON.stringify([one.system, one.code]), one])).values(),
]

const isIdentifiedBy = (
  own: readonly { system?: string | undefined; value?: string | undefined }[] | undefined,
  given: Context['actor'],
): boolean =>
  own?.some((one) => given.some(({ system, value }) => value === one.value && (system ?? '') === (one.system ?? ''))) === true

/** A configured partner by one of its identifiers, or whoever bears these identifiers. */
const askerOf = (context: Context, house: ConsultHouse, purposes: readonly string[]): Partner => {
  const known = house.partners.find((partner) => isIdentifiedBy(partner.identifiers, context.actor))
  const identifiers = context.actor.map(({ system, value }) => ({ system: system ?? '', value }))
  if (known !== undefined)
    return {
      ...known,
      purposes: [...new Set([...known.purposes, ...purposes])],
      identifiers: [...known.identifiers, ...identifiers],
    }
  return {
    id: partnerId('asker'),
    name: 'asker',
    kinds: ['covered-entity'],
    sector: 'other',
    identifiers,
    scopes: [],
    purposes: [...purposes],
    channels: [],
    isActive: true,
  }
}

/** The partners, of whom the asker is one as he asks. */
const withAsker = (partners: readonly Partner[], asker: Partner): readonly Partner[] => [
  ...partners.filter(({ id }) => id !== asker.id),
  asker,
]

const storedFacts = ({ stored }: ConsultHouse, partner: Partner): PatientFacts | undefined =>
  stored === undefined ? undefined : { ...stored, partners: withAsker(stored.partners, partner) }

const resourcesIn = (given: Context['content']): readonly Resource[] =>
  (given as Bundle | undefined)?.entry?.flatMap(({ resource }) => resource ?? []) ?? []

/** A world made of what the request brings: its consents, the resources beside them, its content. */
const broughtFacts = (context: Context, house: ConsultHouse, partner: Partner): PatientFacts => {
  const beside = resourcesIn(context.consent)
  const consents = beside.filter((resource) => resource.resourceType === 'Consent')
  const isPatient = patientTest(beside, consents, context)
  const patient = patientId('patient')
  const evidence = beside.map((resource) =>
    resource.resourceType === 'Consent' && isPatient(resource)
      ? { ...resource, patient: { ...resource.patient, reference: `Patient/${patient}` } }
      : resource,
  )
  return {
    patient,
    zone: house.zone,
    partners: withAsker(house.partners, partner),
    evidence: evidence.filter((resource) => resource.resourceType !== 'Patient'),
    bases: [],
    records: house.describe(resourcesIn(context.content)),
  }
}

/** A consent is the patient's when its reference leads to the identifiers; where it leads nowhere, all consents must be of one patient. */
const patientTest = (
  beside: readonly Resource[],
  consents: readonly FhirConsent[],
  context: Context,
): ((consent: FhirConsent) => boolean) => {
  const people = new Map<string, Patient>(
    beside.flatMap((resource) =>
      resource.resourceType === 'Patient' ? [[`Patient/${resource.id ?? ''}`, resource] as const] : [],
    ),
  )
  const tail = (reference: string | undefined): string => /(Patient\/[^/]+)$/.exec(reference ?? '')?.[1] ?? ''
  const isNamed = (reference: string): boolean =>
    context.patientId.some(({ value }) => value === reference || `Patient/${value}` === reference)
  const references = new Set(consents.map(({ patient }) => tail(patient?.reference)))
  return ({ patient }) => {
    if (patient?.identifier !== undefined) return isIdentifiedBy([patient.identifier], context.patientId)
    const reference = tail(patient?.reference)
    if (reference === '') return false
    const person = people.get(reference)
    if (person !== undefined) return isIdentifiedBy(person.identifier, context.patientId) || isNamed(reference)
    return isNamed(reference) || (people.size === 0 && references.size === 1)
  }
}
