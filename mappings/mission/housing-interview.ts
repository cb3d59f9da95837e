import { z } from 'zod'
import { coding } from '../../src/mapping/codes.ts'
import { BASE, extensionUrl } from '../../src/mapping/context.ts'
import { recordMap } from '../../src/mapping/record-map.ts'
import { each, inside, refersTo, row } from '../../src/mapping/verbs.ts'
import { base, codeOf, day, id, text } from './fields.ts'
import { client, staff } from './parts.ts'
import { housingType } from './tables.ts'

/** The pre-housing interview, with every answer in the client's own words. Seed 000:473-501. */
export const housingInterviewSchema = z
  .strictObject({
    ...base,
    enrolmentId: id.optional(),
    interviewedOn: day,
    interviewedBy: id,
    housingTypes: z.array(codeOf(housingType)).min(1).max(6).optional(),
    housingTypeText: text.optional(),
    neighborhoodPreferred: text.optional(),
    neighborhoodAvoided: text.optional(),
    transportation: text.optional(),
    criminalHistory: text.optional(),
    familyInUnit: text.optional(),
    subsidyRestrictions: text.optional(),
    budgetLow: z.int().min(0).max(100_000).optional(),
    budgetHigh: z.int().min(0).max(100_000).optional(),
    needsGrabBar: z.boolean().optional(),
    needsWheelchairAccess: z.boolean().optional(),
    otherAccommodations: text.optional(),
  })
  .refine((i) => i.budgetLow === undefined || i.budgetHigh === undefined || i.budgetLow <= i.budgetHigh, {
    path: ['budgetHigh'],
    message: 'must not be less than budgetLow',
  })

const PREFERENCES = 'item(preferences|Preferences)'
const BARRIERS = 'item(barriers|Potential barriers to housing)'
const ACCOMMODATIONS = 'item(accommodations|Special accommodations)'

export const housingInterviewMap = recordMap({
  name: 'housing-interview',
  resources: [
    {
      type: 'QuestionnaireResponse',
      profiles: ['housing-preference'],
      subject: 'subject',
      fixed: { status: 'completed', questionnaire: `${BASE}/Questionnaire/mission-housing-preference` },
      rows: [
        row('E082', 'interviewedOn', 'authored'),
        row('E082', 'interviewedBy', 'author', staff),
        client('source'),
        row(
          '',
          'enrolmentId',
          `extension(${extensionUrl('enrolment-reference')}).valueReference`,
          refersTo('EpisodeOfCare', 'enrolment'),
        ),
        row('E083', 'housingTypeText', `${PREFERENCES}.item(housing-type|Type of housing).answer[0].valueString`),
        row(
          'E083',
          'housingTypes',
          `${PREFERENCES}.item(housing-type-codes|Types of housing the client is open to).answer`,
          each(inside('valueCoding', {}, coding(housingType))),
        ),
        row(
          'E084',
          'neighborhoodPreferred',
          `${PREFERENCES}.item(neighborhood-preferred|Neighborhood preference).answer[0].valueString`,
        ),
        row(
          'E084',
          'neighborhoodAvoided',
          `${PREFERENCES}.item(neighborhood-avoided|Neighborhood preferred to avoid).answer[0].valueString`,
        ),
        row('E085', 'transportation', `${PREFERENCES}.item(transportation|Transportation needs).answer[0].valueString`),
        row('E086', 'criminalHistory', `${BARRIERS}.item(criminal-history|Criminal history).answer[0].valueString`),
        row(
          'E087',
          'familyInUnit',
          `${BARRIERS}.item(family-in-unit|Family members potentially living in unit).answer[0].valueString`,
        ),
        row('E088', 'subsidyRestrictions', `${BARRIERS}.item(subsidy|Restrictions with subsidy type).answer[0].valueString`),
        row('E089', 'budgetLow', `${BARRIERS}.item(budget-low|Available budget from, US dollars a month).answer[0].valueDecimal`),
        row('E089', 'budgetHigh', `${BARRIERS}.item(budget-high|Available budget to, US dollars a month).answer[0].valueDecimal`),
        row('E090', 'needsGrabBar', `${ACCOMMODATIONS}.item(grab-bar|Grab bar in bathroom).answer[0].valueBoolean`),
        row('E090', 'needsWheelchairAccess', `${ACCOMMODATIONS}.item(wheelchair|Wheelchair accessible).answer[0].valueBoolean`),
        row(
          'E090',
          'otherAccommodations',
          `${ACCOMMODATIONS}.item(other-accommodations|Other accommodations).answer[0].valueString`,
        ),
      ],
    },
  ],
})
