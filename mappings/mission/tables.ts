import { conceptTable, localTable } from '../../src/mapping/codes.ts'
import cmFunctionMap from './concept-maps/cm-function.json' with { type: 'json' }
import contactPlaceMap from './concept-maps/contact-place.json' with { type: 'json' }
import diagnosisMap from './concept-maps/diagnosis.json' with { type: 'json' }
import homelessStatusMap from './concept-maps/eligibility-homeless.json' with { type: 'json' }
import employmentMap from './concept-maps/employment.json' with { type: 'json' }
import instrumentMap from './concept-maps/instrument.json' with { type: 'json' }
import mediumMap from './concept-maps/medium.json' with { type: 'json' }
import documentKindMap from './concept-maps/document-kind.json' with { type: 'json' }
import relationshipMap from './concept-maps/relationship.json' with { type: 'json' }
import serviceNeedMap from './concept-maps/service-need.json' with { type: 'json' }
import staffRoleMap from './concept-maps/staff-role.json' with { type: 'json' }

export const diagnosis = conceptTable(diagnosisMap)
export const serviceNeed = conceptTable(serviceNeedMap)
export const contactPlace = conceptTable(contactPlaceMap)
export const staffRole = conceptTable(staffRoleMap)
export const homelessStatus = conceptTable(homelessStatusMap)
export const employmentStatus = conceptTable(employmentMap)
export const cmFunction = conceptTable(cmFunctionMap)

/** Who the programme is made for. Seeds 004:5 and 000:383. */
export const missionVersion = localTable('mission-version', { homeless: 'Homeless', cj: 'Criminal justice', vet: 'Veteran' })

/** Seed 000:111 and 454. */
export const programLength = localTable('program-length', { '2m': '2 months', '6m': '6 months', '12m': '12 months' })

/** The three phases of Critical Time Intervention. Seed 000:38-42 and 127-132. */
export const ctiPhase = localTable('cti-phase', {
  transitionToCommunity: 'Transition to Community',
  tryOut: 'Try-Out',
  transferOfCare: 'Transfer of Care',
})

/** Models of case management. Seeds 001:361-646 and 003:139-158. */
export const cmModel = localTable('cm-model', {
  broker: 'Broker or generalist',
  strengths: 'Strengths-based perspective',
  act: 'Assertive community treatment',
  'clinical-rehabilitation': 'Clinical or rehabilitation',
})

/** Kinds of contact. Seeds 000:106-140, 003:19 and 001:82-89. */
export const contactType = localTable('contact-type', {
  orientation: 'Orientation meeting',
  'case-management': 'Case management session',
  'drt-session': 'Dual Recovery Therapy session',
  'drt-booster': 'Dual Recovery Therapy booster session',
  'peer-session': 'Peer support session',
  'home-visit': 'Home visit',
  'community-visit': 'In-community session',
  outreach: 'Assertive outreach',
  'team-meeting': 'Team meeting',
  'transfer-meeting': 'Transfer meeting with providers',
  'warm-handoff': 'Warm hand-off at the referring site',
  'pre-housing-interview': 'Pre-housing interview',
  'academic-check-in': 'Academic check-in',
  'non-medical-case-management': 'Non-medical case management',
  crisis: 'Crisis response',
})

/** Dual Recovery Therapy. Seed 000:180-327, titles and workbook pages as printed there. */
export const DRT_SESSIONS: readonly { readonly title: string; readonly pages: string; readonly seed: string }[] = [
  { title: 'Onset of Problems', pages: '62-64', seed: '000:180' },
  { title: 'Life Problem Areas', pages: '65-67', seed: '000:184' },
  { title: 'Motivation, Confidence, and Readiness to Change', pages: '68-69', seed: '000:188' },
  { title: 'Developing a Personal Recovery Plan', pages: '70-72', seed: '000:197' },
  { title: 'Decisional Balance', pages: '73-75', seed: '000:214' },
  { title: 'Developing Strong Communication Skills', pages: '76-78', seed: '000:229' },
  { title: 'Orientation to 12-Step Programs', pages: '79-82', seed: '000:244' },
  { title: 'Anger Management', pages: '83-85', seed: '000:258' },
  { title: 'Relapse Prevention', pages: '86-92', seed: '000:274' },
  { title: 'Relationship Related Triggers', pages: '93-97', seed: '000:284' },
  { title: 'Changing Unhealthy Thinking Patterns', pages: '98-108', seed: '000:294' },
  { title: 'Changing Irrational Beliefs', pages: '109-112', seed: '000:309' },
  { title: 'Scheduling Activities', pages: '113-117', seed: '000:320' },
]

const numbered = (prefix: string, count: number, display: (index: number) => string): Record<string, string> =>
  Object.fromEntries(
    Array.from({ length: count }, (_, index) => [`${prefix}-${String(index + 1).padStart(2, '0')}`, display(index)]),
  )

export const drtSession = localTable(
  'drt-session',
  numbered('drt', DRT_SESSIONS.length, (index) => DRT_SESSIONS[index]?.title ?? ''),
)

/** Eleven sessions, whose titles no seed gives; so they have none. Seed 004:26. */
export const peerSession = localTable(
  'peer-session',
  numbered('peer', 11, (index) => `Peer support session ${String(index + 1)}`),
)

/** Areas of life that a goal belongs to. Seeds 002:375-380 and 000:112-114. */
export const goalDomain = localTable('goal-domain', {
  recovery: 'Recovery from substance use',
  'mental-health': 'Mental health',
  employment: 'Employment',
  education: 'Education',
  housing: 'Housing',
  health: 'Physical health',
  social: 'Family and social relationships',
  community: 'Community activities',
  legal: 'Legal matters',
  finances: 'Finances and money management',
})

/** Seed 000:96-102. */
export const eligibilityDecision = localTable('eligibility-decision', {
  eligible: 'Eligible',
  'not-eligible': 'Not eligible',
  pending: 'Not decided yet',
})

/** Kinds of dwelling a client may prefer. Seed 000:477. */
export const housingType = localTable('housing-type', {
  studio: 'Studio',
  'one-bedroom': 'One bedroom',
  'two-bedroom': 'Two bedrooms or more',
  room: 'Room',
  'sober-living': 'Sober living',
  supported: 'Supported housing',
})

export const instrument = conceptTable(instrumentMap)
export const medium = conceptTable(mediumMap)
export const documentKind = conceptTable(documentKindMap)
export const relationship = conceptTable(relationshipMap)

/** Sides of a person that help or hinder. Seeds 000:106 and 002:426-432. */
export const strengthKind = localTable('strength-kind', {
  'strength-now': 'What the person does well',
  'strength-past': 'What the person has done well',
  'barrier-now': 'What is getting in the way',
  'barrier-past': 'What has gotten in the way',
  hope: 'Hope',
  interest: 'Interest',
  trigger: 'Trigger',
  'coping-skill': 'Coping skill',
  support: 'Available support',
})

/** How far a link to a community resource has come. Seed 000:38,42,128-132. */
export const linkageStatus = localTable('linkage-status', {
  identified: 'Identified',
  linked: 'Linked',
  'in-use': 'In use',
  'not-used': 'Not used',
  'fine-tuned': 'Fine-tuned',
  ended: 'Ended',
})

/** What came of an attempt to reach a client. Seed 003:19. */
export const attemptOutcome = localTable('attempt-outcome', {
  reached: 'Client reached',
  'message-left': 'Message left',
  'no-answer': 'No answer',
  'not-found': 'Not found at the address',
  returned: 'Client returned to care',
  'care-elsewhere': 'Client is in care elsewhere',
})

/** With whom, on behalf of a client. Seeds 000:58-61,336; 001:26; 003:29,121,154. */
export const collateralKind = localTable('collateral-kind', {
  'housing-authority': 'Public housing authority',
  landlord: 'Landlord',
  provider: 'Treatment provider',
  'medical-case-manager': 'Medical case manager',
  probation: 'Probation',
  employer: 'Employer',
  school: 'School',
  'benefits-office': 'Benefits office',
  family: 'Family',
})

/** Where a referral in came from. Seeds 000:96,119; 003:19,27. */
export const referralSource = localTable('referral-source', {
  probation: 'Probation or court',
  detox: 'Detoxification unit',
  hospital: 'Hospital',
  'hiv-provider': 'HIV primary care provider',
  'hiv-testing': 'HIV testing site',
  'coordinated-entry': 'Coordinated entry',
  shelter: 'Shelter',
  self: 'Self',
  other: 'Other',
})

/** Agreements between agencies, and how they work together. Seeds 003:41; 001:62-65. */
export const agreementKind = localTable('agreement-kind', {
  mou: 'Memorandum of understanding',
  'point-of-entry': 'Point of entry agreement',
  referral: 'Referral agreement',
  contract: 'Contract',
  'single-agency': 'Single agency',
  'informal-partnership': 'Informal partnership',
  'formal-consortium': 'Formal consortium',
})

/** State of one dwelling in a housing search. Seed 000:347. */
export const unitStatus = localTable('unit-status', {
  located: 'Located',
  viewed: 'Viewed',
  applied: 'Applied',
  offered: 'Offered',
  refused: 'Refused by the landlord',
  declined: 'Declined by the client',
  leased: 'Leased',
})

/** What the programme is measured by. Seeds 001:90-97; 000:112-114; 003:21. */
export const measure = localTable('measure', {
  caseload: 'Clients for each full-time case manager in a year',
  'continuity-of-care': 'Continuity of care after detoxification',
  'hospital-use': 'Use of hospital and residential care',
  'substance-use': 'Substance use',
  'family-functioning': 'Family functioning',
  'justice-encounters': 'Encounters with criminal justice',
  recovery: 'Recovery goals reached',
  'housing-kept': 'Housing kept',
  employment: 'Employment or education',
  linkage: 'Linkages in use',
  'hiv-retention': 'Retention in HIV care',
  'viral-suppression': 'Viral suppression',
  cost: 'Cost of care',
})
