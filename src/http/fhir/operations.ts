import type { Parameters, ParametersParameter } from '@medplum/fhirtypes'
import type { Request, Response } from 'express'
import { explain, type ExplainedRecord, type ExplainPage, type ExplainQuestion } from '../../flow/explain.ts'
import type { House } from '../../flow/house.ts'
import { instant } from '../../model/time.ts'
import { problem } from '../../platform/problem.ts'
import { fail, ok, type Result } from '../../platform/result.ts'
import { mayNot, requesterOf } from '../authenticate.ts'
import { FHIR_JSON, sendProblem } from '../outcome.ts'
import { acceptsJson, parametersOf } from './asks.ts'

const FORMS: Readonly<Record<string, RegExp>> = {
  partner: /^[a-z0-9][a-z0-9-]{1,62}$/,
  purpose: /^[A-Z][A-Z0-9-]*$/,
  at: /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)$/,
  record: /^[A-Z][A-Za-z]+\/[A-Za-z0-9\-.]{1,64}$/,
  'after-revoking': /^(Consent\/)?[A-Za-z0-9\-.]{1,64}$/,
  person: /^Practitioner\/[A-Za-z0-9\-.]{1,64}$/,
}

const questionOf = (req: Request): Result<ExplainQuestion> => {
  const given = parametersOf(req)
  const wrong = given.find(
    ([name, value], index) =>
      FORMS[name]?.test(value) !== true ||
      (name === 'at' && Number.isNaN(Date.parse(value))) ||
      given.findIndex(([other]) => other === name) !== index,
  )
  if (wrong !== undefined)
    return fail(
      problem('invalid', 'parameter-invalid', {
        detail: `a parameter is not understood; known, once each: ${Object.keys(FORMS).join(', ')}`,
      }),
    )
  const of = new Map(given)
  const [partner, purpose, at, record, revoked, person] = Object.keys(FORMS).map((name) => of.get(name))
  if (partner === undefined)
    return fail(problem('invalid', 'partner-missing', { detail: 'the parameter partner says about whom' }))
  return ok({
    patient: String(req.params['id']),
    partner,
    ...(purpose === undefined ? {} : { purpose }),
    ...(at === undefined ? {} : { at: instant(at) }),
    ...(record === undefined ? {} : { record }),
    ...(revoked === undefined ? {} : { afterRevoking: revoked.replace(/^Consent\//, '') }),
    ...(person === undefined ? {} : { person }),
  })
}

/**
 * `GET Patient/{id}/$consent-explain`: for the programme's officer; for everybody else it is not there, whatever they ask.
 * @law 42 CFR 2.13(c)(2)
 */
export const consentExplain = async (house: House, req: Request, res: Response): Promise<void> => {
  if (mayNot(res, 'Patient', 'r')) return
  if (!acceptsJson(req, res)) {
    sendProblem(res, problem('unsupported', 'not-acceptable', { detail: 'only application/fhir+json is spoken' }))
    return
  }
  const looker = requesterOf(res)
  const isProgramme = (await house.partners.byId(looker.partner))?.kinds.includes('programme') === true
  const asked = questionOf(req)
  if (isProgramme && !asked.ok) {
    sendProblem(res, asked.error)
    return
  }
  const page = await explain(house, looker, asked.ok ? asked.value : { patient: String(req.params['id']), partner: '' })
  if (page.ok) res.type(FHIR_JSON).send(JSON.stringify(parametersFrom(page.value)))
  else sendProblem(res, page.error)
}

const parametersFrom = ({ partner, at, records, consents }: ExplainPage): Parameters => ({
  resourceType: 'Parameters',
  parameter: [
    { name: 'partner', valueReference: { reference: `Organization/${partner}` } },
    { name: 'at', valueInstant: at },
    ...records.map((one) => ({ name: 'record', part: recordParts(one) })),
    ...consents.map(({ consent, version, status, deficiencies, bars }) => ({
      name: 'consent',
      part: [
        { name: 'reference', valueReference: { reference: consent } },
        { name: 'version', valueString: version },
        { name: 'status', valueCode: status },
        ...deficiencies.map(({ rule, law, message }) => ({
          name: 'deficiency',
          part: [...ruleParts(rule, law), { name: 'message', valueString: message }],
        })),
        ...bars.map(({ rule, law }) => ({ name: 'bar', part: ruleParts(rule, law) })),
      ],
    })),
  ],
})

const ruleParts = (rule: string, law: string): ParametersParameter[] => [
  { name: 'rule', valueCode: rule },
  { name: 'section', valueString: law },
]

const labelled = (name: string, code: string): ParametersParameter => ({ name, valueCode: code })

const recordParts = ({ record, purpose, policy, sensitivity, confidentiality, decision, isShown }: ExplainedRecord) => {
  const { basis } = decision
  const parts: ParametersParameter[] = [
    { name: 'reference', valueReference: { reference: record } },
    labelled('purpose', purpose),
    ...policy.map((code) => labelled('policy', code)),
    ...sensitivity.map((code) => labelled('sensitivity', code)),
    labelled('confidentiality', confidentiality),
    labelled('effect', decision.effect),
    { name: 'shown', valueBoolean: isShown },
    ...(basis === undefined ? [] : [{ name: 'basis', part: basisParts(basis) }]),
    ...decision.because.map(({ rule, law, reference }) => ({
      name: 'reason',
      part: [...ruleParts(rule, law), ...(reference === undefined ? [] : [{ name: 'reference', valueString: reference }])],
    })),
    ...decision.withheldParts.map((pointer) => ({ name: 'withheld', valueString: pointer })),
    ...decision.obligations.map((code) => labelled('obligation', code)),
    ...decision.evidence.map(({ reference, until }) => ({
      name: 'evidence',
      part: [
        { name: 'reference', valueReference: { reference } },
        ...(until === undefined ? [] : [{ name: 'until', valueInstant: until }]),
      ],
    })),
    { name: 'until', valueInstant: decision.until },
  ]
  return parts
}

const basisParts = ({ kind, reference, version, path }: NonNullable<ExplainedRecord['decision']['basis']>) => [
  labelled('kind', kind),
  ...(reference === undefined ? [] : [{ name: 'reference', valueString: reference }]),
  ...(version === undefined ? [] : [{ name: 'version', valueString: version }]),
  ...(path === undefined ? [] : [{ name: 'provision', valueString: path }]),
]
