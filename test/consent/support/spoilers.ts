import type { Consent as FhirConsent, ConsentProvision } from '@medplum/fhirtypes'
import { CONSENT_TYPE_SYSTEM, EXTENSION } from '../../../src/consent/extensions.ts'
import type { FormPolicy } from '../../../src/model/patient-facts.ts'
import { actor, consent, ofType, purposes, without } from './world.ts'

/** What the programme has settled where a consent is held against § 2.31 by itself. */
export const FORMS: FormPolicy = { mappedToPart2: [], before2024: ['urn:old'], acceptsBefore2024: false }

/** One element of § 2.31 spoiled; the deficiency that follows, and no other. */
const tpo = consent()
export const ELEMENT_SPOILERS: Readonly<Record<string, FhirConsent>> = {
  'patient-name-missing': consent({ extension: without(EXTENSION.patientName) }),
  'discloser-missing': consent({ extension: without(EXTENSION.discloser) }),
  'description-missing': consent({ extension: without(EXTENSION.description) }),
  'recipient-missing': consent({ provision: { ...tpo.provision, actor: [] } }),
  'intermediary-members-missing': consent({}, { actor: [actor('texas-hie')] }),
  'hipaa-redisclosure-statement-missing': consent({ extension: without('hipaa-redisclosure') }),
  'purpose-missing': consent({}, { purpose: [] }),
  'fundraising-opt-out-missing': consent({}, { purpose: purposes('TREAT', 'FUNDRAISING') }),
  'right-to-revoke-missing': consent({ extension: without('right-to-revoke') }),
  'how-to-revoke-missing': consent({ extension: without('how-to-revoke') }),
  'expiration-missing': consent({}, { period: { start: '2026-03-01' } }),
  'expiration-none-beyond-tpo': consent(
    { extension: [...without(''), { url: EXTENSION.expirationEvent, extension: [{ url: 'event', valueCode: 'none' }] }] },
    { period: {}, purpose: purposes('HMARKT') },
  ),
  'expiration-study-not-research': consent(
    {
      extension: [
        ...without(''),
        { url: EXTENSION.expirationEvent, extension: [{ url: 'event', valueCode: 'end-of-research-study' }] },
      ],
    },
    { period: {} },
  ),
  'signature-missing': consent({ extension: without(EXTENSION.signature) }),
  'signer-not-entitled': consent({
    extension: [
      ...without(EXTENSION.signature),
      {
        url: EXTENSION.signature,
        extension: [
          { url: 'capacity', valueCode: 'guardian' },
          { url: 'method', valueCode: 'wet' },
        ],
      },
    ],
  }),
  'signed-date-missing': consent({
    extension: [
      ...without(EXTENSION.signedAt).filter(({ url }) => url !== EXTENSION.signature),
      {
        url: EXTENSION.signature,
        extension: [
          { url: 'capacity', valueCode: 'patient' },
          { url: 'method', valueCode: 'wet' },
        ],
      },
    ],
  }),
  'signed-date-in-future': consent({
    extension: [...without(EXTENSION.signedAt), { url: EXTENSION.signedAt, valueDateTime: '2026-06-02' }],
  }),
  'redisclosure-potential-missing': consent({ extension: without('redisclosure-potential') }),
  'consequences-of-refusal-missing': consent({ extension: without('consequences-of-refusal') }),
  'form-before-2024': consent({ extension: [...without(''), { url: EXTENSION.form, valueUri: 'urn:old' }] }),
  'sud-notes-combined': consent({ category: ofType('sud-counseling-notes', 'research') }),
  'sud-notes-condition': consent({
    category: ofType('sud-counseling-notes'),
    extension: [...without(''), { url: EXTENSION.conditionOfService, valueBoolean: true }],
  }),
  'psychotherapy-notes-combined': consent({ category: ofType('psychotherapy-notes', 'general') }),
  'proceedings-combined': consent({}, { purpose: purposes('TREAT', 'HLEGAL') }),
  'justice-duration-missing': justice({ period: {} }),
  'justice-revocability-missing': justice({}, false),
  'justice-duty-missing': justice({}, true, false),
}

function justice(provision: Partial<ConsentProvision>, hasEvent = true, hasDuty = true): FhirConsent {
  return consent(
    {
      category: [{ coding: [{ system: CONSENT_TYPE_SYSTEM, code: 'criminal-justice' }] }],
      extension: [
        ...without(''),
        ...(hasEvent ? [{ url: EXTENSION.irrevocable, extension: [{ url: 'event', valueString: 'disposition' }] }] : []),
        ...(hasDuty ? [{ url: EXTENSION.monitoringDuty, valueString: 'probation' }] : []),
      ],
    },
    provision,
  )
}
