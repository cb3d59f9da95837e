import { z } from 'zod'
import { codings, concept } from '../../src/mapping/codes.ts'
import { recordMap } from '../../src/mapping/record-map.ts'
import type { ResourceRows } from '../../src/mapping/record-map.ts'
import type { Tree } from '../../src/mapping/tree.ts'
import { each, inside, quantity, refersTo, row } from '../../src/mapping/verbs.ts'
import type { Row } from '../../src/mapping/verbs.ts'
import { base, codeOf, day, id, text } from './fields.ts'
import { ACTIVE, CONFIRMED, HEALTH_CONCERN, LOINC, SDOH, SURVEY, codeable, local, staff, yesNo } from './parts.ts'
import { eligibilityDecision, homelessStatus } from './tables.ts'

/** The screening that every referred client gets. Seed 000:94-102; 003:39-40 for the Ryan White contract. */
export const screeningSchema = z
  .strictObject({
    ...base,
    screenedOn: day,
    screenedBy: id,
    referralId: id.optional(),
    homelessStatus: codeOf(homelessStatus),
    homelessStatusText: text.optional(),
    hasSubstanceUseDisorder: z.boolean(),
    hasMentalIllness: z.boolean(),
    isWilling: z.boolean(),
    canLiveInCommunity: z.boolean(),
    isHivPositive: z.boolean().optional(),
    isServiceAreaResident: z.boolean().optional(),
    povertyLevelPercent: z.int().min(0).max(2000).optional(),
    specialPopulations: z.array(text).min(1).max(10).optional(),
    decision: codeOf(eligibilityDecision),
    reason: text.optional(),
  })
  .refine((s) => s.decision !== 'not-eligible' || s.reason !== undefined, {
    path: ['reason'],
    message: 'must say why the client is not eligible',
  })

/** One criterion as an Observation of its own, so that the housing one can leave without the clinical ones. */
const criterion = (
  role: string,
  field: string,
  elements: string,
  code: Tree,
  answer: Row = row(elements, field, 'valueCodeableConcept', yesNo),
): ResourceRows => ({
  type: 'Observation',
  role,
  when: field,
  profiles: ['eligibility-criterion'],
  subject: 'subject',
  fixed: { status: 'final', category: [SURVEY], code },
  rows: [row('', 'screenedOn', 'effectiveDateTime'), row('', 'screenedBy', 'performer[0]', staff), answer],
})
const item = (code: string, display: string): Tree => local('eligibility-item', code, display)

export const screeningMap = recordMap({
  name: 'screening',
  resources: [
    {
      type: 'Observation',
      profiles: ['eligibility'],
      subject: 'subject',
      fixed: { status: 'final', category: [SURVEY], code: item('decision', 'Eligibility decision') },
      rows: [
        row('E012', 'screenedOn', 'effectiveDateTime'),
        row('E008', 'screenedBy', 'performer[0]', staff),
        row('E012', 'decision', 'valueCodeableConcept', concept(eligibilityDecision)),
        row('E012', 'reason', 'note[0].text'),
        row('E008', 'referralId', 'basedOn[0]', refersTo('ServiceRequest', 'referral')),
      ],
    },
    criterion(
      'homeless-status',
      'homelessStatus',
      '',
      codeable(LOINC, '71802-3', 'Housing status'),
      row('E009', 'homelessStatus', 'valueCodeableConcept', concept(homelessStatus)),
    ),
    {
      type: 'Condition',
      role: 'homelessness',
      when: 'homelessStatusText',
      profiles: ['housing-condition'],
      subject: 'subject',
      fixed: { clinicalStatus: ACTIVE, verificationStatus: CONFIRMED, category: [HEALTH_CONCERN, SDOH] },
      rows: [
        row('E009', 'homelessStatus', 'code.coding', codings(homelessStatus)),
        row('E009', 'homelessStatusText', 'code.text'),
        row('', 'screenedOn', 'recordedDate'),
      ],
    },
    criterion('substance-use', 'hasSubstanceUseDisorder', 'E010', item('substance-use-disorder', 'Substance use disorder')),
    criterion('mental-illness', 'hasMentalIllness', 'E010', item('mental-illness', 'Mental illness')),
    criterion('willing', 'isWilling', 'E011', item('willing', 'Willing to take part')),
    criterion('community', 'canLiveInCommunity', 'E011', item('community', 'Able and willing to live in the community')),
    criterion('hiv', 'isHivPositive', 'E013', item('hiv-positive', 'HIV positive')),
    criterion('service-area', 'isServiceAreaResident', 'E006', item('service-area', 'Resident of the service area')),
    criterion(
      'poverty-level',
      'povertyLevelPercent',
      '',
      item('poverty-level', 'Income as a percentage of the federal poverty level'),
      row('E133', 'povertyLevelPercent', 'valueQuantity', quantity('%', '%')),
    ),
    criterion(
      'special-populations',
      'specialPopulations',
      '',
      item('special-populations', 'Special populations'),
      row(
        'E007',
        'specialPopulations',
        'component',
        each(inside('valueString', { code: item('special-population', 'Special population') })),
      ),
    ),
  ],
})
