// In: a resource and its labels. Out: the resource with `meta.security` after DS4P.
// Exactly one confidentiality, at most one policy, every sensitivity; basis and classifier say why and who.
// Never: lets a label go that came in, or changes anything outside `meta.security`.

import type { Coding, Extension, Resource } from '@medplum/fhirtypes'
import type { Labels, Sensitivity } from '../model/label.ts'
import {
  ACT_CODE,
  CLASSIFIER_URL,
  CONFIDENTIALITY_SYSTEM,
  HOUSE_SYSTEM,
  PART_CLASSIFIER,
  POLICIES,
  readInbound,
  stricter,
} from './inbound.ts'

export const BASIS_URL = 'http://hl7.org/fhir/uv/security-label-ds4p/StructureDefinition/extension-sec-label-basis'
const WHOLE_CLASSIFIER = 'urn:gateway:labelling:whole'

/** Codes of the house that v3-ActCode does not have. */
const HOUSE_CODES: ReadonlySet<Sensitivity> = new Set(['JUSTICE', 'PROGRAM-IDENTITY', 'SUD-COUNSELING-NOTE', 'UNREAD'])

const basis = (policy: string | undefined): readonly Extension[] =>
  policy === undefined ? [] : [{ url: BASIS_URL, valueCoding: { system: ACT_CODE, code: policy } }]

const classifier = (value: string): Extension => ({
  url: CLASSIFIER_URL,
  valueReference: { identifier: { system: 'urn:ietf:rfc:3986', value } },
})

const sensitivityCoding = (code: Sensitivity, policy: string | undefined, by: string): Coding => {
  const bar = code.lastIndexOf('|')
  const system = bar >= 0 ? code.slice(0, bar) : HOUSE_CODES.has(code) ? HOUSE_SYSTEM : ACT_CODE
  return { ...(system === '' ? {} : { system }), code: code.slice(bar + 1), extension: [...basis(policy), classifier(by)] }
}

/** The one policy that a record shows: of several the one that asks most. @spec DS4P, policy 0..1 */
export const policyShown = (policies: readonly string[]): string | undefined =>
  POLICIES.find((code) => policies.includes(code)) ?? policies[0]

/**
 * Writes the labels into `meta.security`. Doing it twice is doing it once.
 * @spec DS4P 1.0.0 security label profiles
 */
export const stamp = (resource: Resource, labels: Labels): Resource => ({
  ...resource,
  meta: { ...resource.meta, security: securityOf(resource, labels) },
})

const securityOf = (resource: Resource, labels: Labels): Coding[] => {
  const inbound = readInbound(resource.meta?.security ?? [])
  const policy = policyShown([...new Set([...labels.policy, ...inbound.policy])])
  const whole = [...new Set([...labels.sensitivity, ...inbound.sensitivity])].sort()
  const ofParts = [...new Set(labels.parts.flatMap((part) => part.sensitivity))].filter((code) => !whole.includes(code)).sort()
  const handling = new Map(inbound.others.map((coding) => [`${coding.system ?? ''}|${coding.code ?? ''}`, coding]))
  if (policy === '42CFRPart2') {
    for (const code of ['NORDSCLCD', 'PERSISTLABEL']) {
      if (!handling.has(`${ACT_CODE}|${code}`))
        handling.set(`${ACT_CODE}|${code}`, { system: ACT_CODE, code, extension: [...basis(policy)] })
    }
  }
  return [
    { system: CONFIDENTIALITY_SYSTEM, code: stricter(inbound.confidentiality, labels.confidentiality) },
    ...(policy === undefined ? [] : [{ system: ACT_CODE, code: policy }]),
    ...whole.map((code) => sensitivityCoding(code, policy, WHOLE_CLASSIFIER)),
    ...ofParts.map((code) => sensitivityCoding(code, policy, PART_CLASSIFIER)),
    ...[...handling.entries()].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, coding]) => coding),
  ]
}
