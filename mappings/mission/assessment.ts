import { z } from 'zod'
import { concept } from '../../src/mapping/codes.ts'
import { BASE } from '../../src/mapping/context.ts'
import { recordMap } from '../../src/mapping/record-map.ts'
import { each, give, object, refersTo, row } from '../../src/mapping/verbs.ts'
import { base, codeOf, day, duplicateKeys, id, text } from './fields.ts'
import { SURVEY, all, client, local, observation, staff } from './parts.ts'
import { instrument, strengthKind } from './tables.ts'

/**
 * An assessment or worksheet: which instrument, the answers as given, and the score where there is one. A score carries the
 * bounds of its scale, for scales of this programme are not those of published instruments.
 */
export const assessmentSchema = z
  .strictObject({
    ...base,
    instrument: codeOf(instrument),
    takenOn: day,
    takenBy: id.optional(),
    encounterId: id.optional(),
    answers: z
      .array(
        z.strictObject({
          linkId: id,
          question: text.optional(),
          number: z.int().min(-1_000_000_000).max(1_000_000_000).optional(),
          text: text.optional(),
        }),
      )
      .min(1)
      .max(100),
    score: z.int().min(0).max(1000).optional(),
    scaleMin: z.int().min(0).max(1000).optional(),
    scaleMax: z.int().min(0).max(1000).optional(),
    interpretation: text.optional(),
    isForClientOnly: z.boolean().optional(),
  })
  .refine((a) => a.answers.every((x) => (x.number === undefined) !== (x.text === undefined)), {
    path: ['answers'],
    message: 'each must have a number or a text',
  })
  .refine((a) => new Set(a.answers.map((x) => x.linkId)).size === a.answers.length, {
    path: ['answers'],
    message: 'must answer each question once',
  })
  .refine(
    (a) => a.score !== undefined || (a.scaleMin === undefined && a.scaleMax === undefined && a.interpretation === undefined),
    {
      path: ['score'],
      message: 'must be there with its scale or interpretation',
    },
  )

export const assessmentMap = recordMap({
  name: 'assessment',
  resources: [
    {
      type: 'QuestionnaireResponse',
      profiles: ['assessment'],
      subject: 'subject',
      fixed: { status: 'completed' },
      rows: [
        give('questionnaire', (a) => `${BASE}/Questionnaire/mission-${String(a['instrument'])}`),
        row(
          'E022 E023 E024 E028 E030 E071 E077 E078',
          'instrument',
          `extension(${BASE}/StructureDefinition/mission-instrument).valueCodeableConcept`,
          concept(instrument),
        ),
        row('E022 E023 E024', 'takenOn', 'authored'),
        row('', 'takenBy', 'author', staff),
        client('source'),
        row('', 'encounterId', 'encounter', refersTo('Encounter', 'encounter')),
        row('', 'isForClientOnly', `extension(${BASE}/StructureDefinition/mission-client-owned).valueBoolean`),
        row(
          'E022 E023 E024 E028 E030 E077 E078',
          'answers',
          'item',
          each(
            object([
              row('', 'linkId', 'linkId'),
              row('', 'question', 'text'),
              row('', 'number', 'answer[0].valueInteger'),
              row('', 'text', 'answer[0].valueString'),
            ]),
          ),
        ),
      ],
    },
    observation({
      role: 'score',
      when: 'score',
      profile: 'assessment-result',
      category: [SURVEY],
      rows: [
        row('', 'instrument', 'code', concept(instrument)),
        row('E022 E023 E030 E071', 'score', 'valueInteger'),
        row('E071 E072', 'scaleMin', 'referenceRange[0].low.value'),
        row('E071 E072', 'scaleMax', 'referenceRange[0].high.value'),
        row('', 'interpretation', 'interpretation[0].text'),
        give('effectiveDateTime', (a) => a['takenOn']),
        give('derivedFrom', (_, run) => [{ reference: run.sibling('') }]),
      ],
    }),
  ],
})

/** What a client does well, what is in the way, triggers, coping skills, supports, hopes. */
export const strengthsSchema = z
  .strictObject({
    ...base,
    recordedOn: day,
    recordedBy: id,
    items: z.array(z.strictObject({ key: id, kind: codeOf(strengthKind), text })).max(50),
  })
  .superRefine((s, ctx) => {
    for (const at of duplicateKeys({ items: s.items }))
      ctx.addIssue({ code: 'custom', path: at.split('.'), message: 'must be used once only' })
  })

export const strengthsMap = recordMap({
  name: 'strengths',
  resources: [
    observation({
      profile: 'assessment-result',
      category: [SURVEY],
      code: local('strength-kind', 'strengths-and-challenges', 'Strengths and challenges'),
      rows: [
        row('E025 E027', 'recordedOn', 'effectiveDateTime'),
        row('', 'recordedBy', 'performer[0]', staff),
        give('valueString', () => 'Strengths and challenges discussed'),
        all('hasMember', ['items', 'item']),
      ],
    }),
    observation({
      role: 'item',
      each: 'items',
      profile: 'assessment-result',
      category: [SURVEY],
      rows: [
        row('E025 E026 E027', 'kind', 'code', concept(strengthKind)),
        row('E025 E026 E027', 'text', 'valueString'),
        give('effectiveDateTime', (_, run) => run.record['recordedOn']),
      ],
    }),
  ],
})
