// In: codes of v3-ActReason, v3-ActCode, v3-Confidentiality. Out: which code covers which.
// Never: guesses at a code it does not know; an unknown purpose is no purpose, an unknown label equals only itself.
import { CONFIDENTIALITY } from '../model/label.ts'
import type { Confidentiality } from '../model/label.ts'
import type { Code } from '../model/consent.ts'

/** Child to parent. @spec HL7 v3-ActReason, PurposeOfUse, of UTG 2026-08 and R4 alike */
const PURPOSE_PARENT: ReadonlyMap<string, string> = new Map(
  Object.entries({
    PurposeOfUse: 'HMARKT HOPERAT HPAYMT HRESCH PATRQT PUBHLTH TREAT',
    HOPERAT:
      'CAREMGT DONAT FRAUD GOV HACCRED HCOMPL HDECD HDIRECT HDM HLEGAL HOUTCOMS HPRGRP HQUALIMP HSYSADMIN MEMADMIN MILCDM PATADMIN PATSFTY PERFMSR RECORDMGT SYSDEV TRAIN MLTRAINING',
    HSYSADMIN: 'LABELING METAMGT',
    SYSDEV: 'HTEST',
    HPAYMT: 'CLMATTCH COVAUTH COVERAGE REMITADV PMTDS',
    COVERAGE: 'ELIGDTRM ELIGVER ENROLLM MILDCRG',
    HRESCH: 'BIORCH CLINTRCH DSRCH POARCH TRANSRCH',
    CLINTRCH: 'CLINTRCHNPC CLINTRCHPC PRECLINTRCH',
    PATRQT: 'FAMRQT PWATRNY SUPNWK',
    PUBHLTH: 'DISASTER THREAT',
    TREAT: 'CLINTRL COC ETREAT POPHLTH TREATDS',
    ETREAT: 'BTG ERTREAT',
  }).flatMap(([parent, children]) => children.split(' ').map((child) => [child, parent] as const)),
)

/** House purposes that no other purpose covers. */
const OWN_PURPOSES: ReadonlySet<string> = new Set(['FUNDRAISING', 'PurposeOfUse'])

/** True for a purpose that the code system, or the house, defines. */
export const isPurpose = (code: string): boolean => PURPOSE_PARENT.has(code) || OWN_PURPOSES.has(code)

/**
 * Does a stated purpose cover an asserted one: itself or a descendant. `HLEGAL` is covered by itself only.
 * @law 42 CFR 2.12(d)(1)
 */
export const purposeCovers = (stated: string, asserted: string): boolean => {
  if (asserted === 'HLEGAL' || !isPurpose(asserted)) return stated === asserted && isPurpose(asserted)
  for (let at: string | undefined = asserted; at !== undefined; at = PURPOSE_PARENT.get(at)) if (at === stated) return true
  return false
}

/** Child to parent. @spec HL7 v3-ActCode, InformationSensitivityPolicy */
const SENSITIVITY_PARENT: ReadonlyMap<string, string> = new Map([
  ['BH', 'SPI'],
  ['MH', 'SPI'],
  ['PSY', 'SPI'],
  ['PSYTHPN', 'SPI'],
  ['SUD', 'SPI'],
  ['COGN', 'BH'],
  ['DVD', 'BH'],
  ['EMOTDIS', 'BH'],
  ['ETHUD', 'SUD'],
  ['OPIOIDUD', 'SUD'],
])

/** Old words for a label of today: `ETH` is neither above nor below `SUD` in the tree, yet means the same. */
const ALIAS: ReadonlyMap<string, string> = new Map([
  ['ETH', 'SUD'],
  ['SICKLE', 'SCA'],
])

/** What a refusal of a label also refuses: to a patient, behavioural health includes mental health and substance use. */
const REFUSAL_ALSO: ReadonlyMap<string, readonly string[]> = new Map([['BH', ['MH', 'PSY', 'PSYTHPN', 'SUD']]])

const canonical = (code: string): string => ALIAS.get(code) ?? code

/** Does a label named in a permit cover a record's label: the same, an alias, or a descendant. */
export const sensitivityCovers = (named: string, label: string): boolean => {
  const top = canonical(named)
  for (let at: string | undefined = canonical(label); at !== undefined; at = SENSITIVITY_PARENT.get(at))
    if (at === top) return true
  return false
}

/** As `sensitivityCovers`, widened by what a refusal means in plain words. */
export const refusalCovers = (named: string, label: string): boolean =>
  sensitivityCovers(named, label) || REFUSAL_ALSO.get(canonical(named))?.some((more) => sensitivityCovers(more, label)) === true

const rank = (level: string): number => CONFIDENTIALITY.findIndex((known) => known === level)

/** A permit of `R` covers R and lower; an unknown level covers nothing. @spec FHIR R4 Consent.provision.securityLabel */
export const atMost = (level: Confidentiality, named: string): boolean => rank(named) >= 0 && rank(level) <= rank(named)
/** A refusal of `R` covers R and higher. */
export const atLeast = (level: Confidentiality, named: string): boolean => rank(named) >= 0 && rank(level) >= rank(named)

const POLICY: ReadonlySet<string> = new Set([
  '42CFRPart2',
  'CommonRule',
  'HIPAAAuth',
  'HIPAAConsent',
  'HIPAANOPP',
  'HIPAAPsyNotes',
  'HIPAAROA',
  'HIPAASelfPay',
  'Title38Section7332',
  'GDPRCONSENT',
])

/** Which part of a record's labels a named label speaks of. */
export const labelKind = (label: Code): 'confidentiality' | 'policy' | 'sensitivity' => {
  if (rank(label.code) >= 0 && label.system?.endsWith('v3-ActCode') !== true) return 'confidentiality'
  return POLICY.has(label.code) ? 'policy' : 'sensitivity'
}

/** Roles by which a provision names somebody who receives. @spec FHIR R4 Consent.provision.actor.role, security-role-type */
const RECEIVES: ReadonlySet<string> = new Set(
  (
    'IRCP PRCP REFT TRC NOT CALLBCK GRANTEE DELEGATEE PROV PAYOR PAYER UNDERWRT PPRF SPRF PRF ATND ADM CON REF CAREGIVER CLAIM COVPTY ' +
    'HPOWATT DPOWATT SPOWATT POWATT RESPRSN GUARD EXCEST PROXY INVSBJ MANAGER LABORATORY PHARM PHARMACIST humanuser dataprocessor ' +
    'HCP PCP PAYEE RESEARCHER AUCG AULR AUTM AUWA ASSIGNED AGNT CAGNT COMPAR PUBHLTH recipient'
  ).split(' '),
)
/** Roles by which a provision names the holder or author of the data: it limits whose data, not who receives. */
const HOLDS: ReadonlySet<string> = new Set(
  'CST AUT INF DIST TRANS ENT AUTHEN LA GRANTOR DELEGATOR CONSENTER custodian discloser author datacollector'.split(' '),
)

/** What a role code makes of an actor. An unknown role receives nothing, and is refused all the same. */
export const roleKind = (roles: readonly Code[]): 'recipient' | 'holder' | 'unknown' => {
  if (roles.some((role) => HOLDS.has(role.code))) return 'holder'
  return roles.length === 0 || roles.some((role) => RECEIVES.has(role.code)) ? 'recipient' : 'unknown'
}

const DISCLOSING: ReadonlySet<string> = new Set(['access', 'disclose'])
const HARMLESS: ReadonlySet<string> = new Set(['collect', 'correct'])

/** May data flow to a partner under this action of a permit. @spec FHIR R4 consentaction */
export const actionPermits = (action: Code): boolean => DISCLOSING.has(action.code)
/** Does a refusal of this action refuse a flow to a partner; a code that is not known does. */
export const actionRefuses = (action: Code): boolean => !HARMLESS.has(action.code)
