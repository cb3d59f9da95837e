import type { Consent as FhirConsent, Extension } from '@medplum/fhirtypes'
import type { ConsentElements, ExpirationEvent, Provision, SignerCapacity, Statement } from '../model/consent.ts'
import type { Loose } from './loose.ts'
import { EXTENSION } from './extensions.ts'
import { roleKind } from './codes.ts'

const STATEMENTS: ReadonlySet<string> = new Set([
  'right-to-revoke',
  'how-to-revoke',
  'hipaa-redisclosure',
  'redisclosure-potential',
  'consequences-of-refusal',
  'fundraising-opt-out',
])
const CAPACITIES: ReadonlySet<string> = new Set(['patient', 'minor-patient', 'parent', 'guardian', 'personal-representative'])
const EVENTS: ReadonlySet<string> = new Set(['none', 'end-of-treatment', 'end-of-research-study', 'other'])

/** The § 2.31(a) elements out of their extensions, or out of R4's own element where there is one. @law 42 CFR 2.31(a) */
export const readElements = (resource: Loose<FhirConsent>, base: Provision): ConsentElements => {
  const all = (url: string): readonly Loose<Extension>[] =>
    (resource.extension ?? []).filter((extension) => extension.url === url)
  const text = (url: string): string | undefined => textOf(all(url)[0])
  const patientName = text(EXTENSION.patientName) ?? resource.patient?.display
  const description = text(EXTENSION.description)
  const purposeText = text(EXTENSION.purposeText)
  const expirationEvent = eventOf(all(EXTENSION.expirationEvent)[0])
  const signatures = all(EXTENSION.signature).flatMap(signatureOf)
  const signedAt = all(EXTENSION.signedAt)[0]?.valueDateTime ?? signatures[0]?.when ?? resource.dateTime
  const irrevocable = irrevocableOf(all(EXTENSION.irrevocable)[0])
  const monitoringDuty = text(EXTENSION.monitoringDuty)
  const isStatement = (code: string | undefined): code is Statement => code !== undefined && STATEMENTS.has(code)
  return {
    ...(patientName === undefined ? {} : { patientName }),
    disclosers: [
      ...all(EXTENSION.discloser).map((extension) => extension.valueReference?.reference ?? textOf(extension) ?? ''),
      ...holdersIn(base),
    ].filter((name) => name.trim() !== ''),
    ...(description === undefined ? {} : { description }),
    ...(purposeText === undefined ? {} : { purposeText }),
    isPatientInitiated: all(EXTENSION.patientInitiated)[0]?.valueBoolean === true,
    statements: all(EXTENSION.statement)
      .map((extension) => part(extension, 'code')?.valueCode)
      .filter(isStatement),
    ...(expirationEvent === undefined ? {} : { expirationEvent }),
    signatures,
    ...(signedAt === undefined ? {} : { signedAt }),
    ...(irrevocable === undefined ? {} : { irrevocable }),
    ...(monitoringDuty === undefined ? {} : { monitoringDuty }),
    isConditionOfService: all(EXTENSION.conditionOfService)[0]?.valueBoolean === true,
  }
}

const part = (extension: Loose<Extension> | undefined, url: string): Loose<Extension> | undefined =>
  extension?.extension?.find((inner) => inner.url === url)

const textOf = (extension: Loose<Extension> | undefined): string | undefined => {
  const text = (extension?.valueString ?? extension?.valueMarkdown)?.trim()
  return text === '' ? undefined : text
}

/** Holders named as actors are the "person or class authorised to disclose". @law 42 CFR 2.31(a)(2) */
const holdersIn = (provision: Provision): readonly string[] => [
  ...provision.actors
    .filter(({ roles }) => roleKind(roles) === 'holder')
    .flatMap(({ reference, identifiers }) => reference ?? identifiers[0]?.value ?? []),
  ...provision.exceptions.flatMap(holdersIn),
]

const eventOf = (extension: Loose<Extension> | undefined): ExpirationEvent | undefined => {
  const isEvent = (code: string | undefined): code is ExpirationEvent['kind'] => code !== undefined && EVENTS.has(code)
  const kind = part(extension, 'event')?.valueCode
  const text = textOf(part(extension, 'text'))
  const occurredAt = part(extension, 'occurredAt')?.valueDateTime
  if (!isEvent(kind)) return undefined
  return { kind, ...(text === undefined ? {} : { text }), ...(occurredAt === undefined ? {} : { occurredAt }) }
}

const signatureOf = (extension: Loose<Extension>): ConsentElements['signatures'] => {
  const isCapacity = (code: string | undefined): code is SignerCapacity => code !== undefined && CAPACITIES.has(code)
  const capacity = part(extension, 'capacity')?.valueCode
  const evidence = textOf(part(extension, 'evidence'))
  const signed = part(extension, 'signature')?.valueSignature
  const when = part(extension, 'when')?.valueDateTime ?? signed?.when
  const isSigned = part(extension, 'method')?.valueCode !== undefined || signed !== undefined
  if (!isCapacity(capacity) || !isSigned) return []
  return [{ capacity, ...(evidence === undefined ? {} : { evidence }), ...(when === undefined ? {} : { when }) }]
}

const irrevocableOf = (extension: Loose<Extension> | undefined): ConsentElements['irrevocable'] => {
  const event = textOf(part(extension, 'event'))
  const until = part(extension, 'until')?.valueDateTime
  return event === undefined && until === undefined
    ? undefined
    : { ...(event === undefined ? {} : { event }), ...(until === undefined ? {} : { until }) }
}
