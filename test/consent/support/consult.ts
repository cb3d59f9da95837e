import type { Consent, ConsentProvision, Resource } from '@medplum/fhirtypes'
import { consult } from '../../../src/consent/consult.ts'
import type { ConsultHouse } from '../../../src/consent/consult.ts'
import { factsOf } from '../../../src/labelling/facts.ts'
import type { Labels } from '../../../src/model/label.ts'
import { instant } from '../../../src/model/time.ts'
import { medical, NPI, PARTNERS } from './world.ts'

/** The patient who is asked about. */
export const PERSON = { system: 'urn:mrn', value: 'p-1' }
/** Somebody who is no partner. */
export const ASKER = { system: 'urn:orgs', value: 'clinic' }
/** The HIV clinic by its NPI. */
export const CLINIC = { system: NPI, value: '1000000003' }

/** A house in which content has the labels that a test gives it by id; what it gives none for is medical. */
export const houseOf = (own: Readonly<Record<string, Labels>> = {}, over: Partial<ConsultHouse> = {}): ConsultHouse => ({
  at: instant('2026-06-01T12:00:00Z'),
  zone: 'America/Chicago',
  partners: PARTNERS,
  describe: (resources) => resources.map((resource) => factsOf(resource, own[resource.id ?? ''] ?? medical())),
  ...over,
})
/** A collection of these resources. */
export const bundle = (...resources: readonly Resource[]) => ({
  resourceType: 'Bundle',
  type: 'collection',
  entry: resources.map((resource) => ({ resource })),
})
/** A request of the hook in which this differs. */
export const ask = (context: object) => ({
  hook: 'patient-consent-consult',
  hookInstance: 'h-1',
  context: { patientId: [PERSON], actor: [ASKER], purposeOfUse: 'TREAT', ...context },
})
/** A directive as other systems write them: no § 2.31 element in it. */
export const directive = (provision: ConsentProvision = {}, over: Partial<Consent> = {}): Consent => ({
  resourceType: 'Consent',
  id: 'd1',
  status: 'active',
  scope: { coding: [{ code: 'patient-privacy' }] },
  category: [{ coding: [{ code: '59284-0' }] }],
  patient: { reference: 'Patient/anyone' },
  policyRule: { coding: [{ code: 'OPTIN' }] },
  provision: { type: 'permit', ...provision },
  ...over,
})
/** A record without content of its own. */
export const goal = (id: string): Resource => ({
  resourceType: 'Goal',
  id,
  lifecycleStatus: 'active',
  description: { text: id },
  subject: {},
})
/** The answer, or the problem. */
export const said = (context: object, house = houseOf()) => {
  const answer = consult(ask(context), house)
  return answer.ok ? answer.value : answer.error
}
/** The decision, or the code of the problem. */
export const decision = (context: object, house = houseOf()) => {
  const answer = said(context, house)
  return 'decision' in answer ? answer.decision : answer.code
}
