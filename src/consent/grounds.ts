import type { Reason } from '../model/decision.ts'
import { purposeCovers } from './codes.ts'
import { grant, NOTES, PROCEEDINGS, refuse, SILENT } from './findings.ts'
import type { Ground, Inquiry } from './inquiry.ts'
import { hasNeed } from './need.ts'
import { refusalsOf } from './refusals.ts'
import { isHealthCareProvider } from './reach.ts'
import { overlaysFor, profileBars } from './reliance.ts'
import { restrictionsOn } from './restrictions.ts'
import { facetsOf } from './tree.ts'
import type { Content, Facet, Question } from './tree.ts'
import { holdsAt } from './windows.ts'

/** What the originator of a note may use it for. @law 42 CFR 2.31(b)(1)(i) */
const NOTE_PURPOSES = ['TREAT', 'TRAIN']
const isNoteUse = ({ purpose }: Question): boolean => NOTE_PURPOSES.some((stated) => purposeCovers(stated, purpose))

/** The programme at work: staff with a need to know. @law 42 CFR 2.12(c)(3) */
const internal: Ground = {
  kind: 'internal',
  find: ({ question }, content) => {
    const { partner, world } = question
    if (!partner.kinds.includes('programme')) return SILENT
    const origin = world.partners.get(content.labels.origin.partner)
    if (origin !== undefined && origin.id !== partner.id && origin.kinds.includes('programme')) return SILENT
    if (question.purpose === 'HLEGAL' && content.isPart2) return refuse(PROCEEDINGS)
    if (content.labels.noteKind !== undefined && !isNoteUse(question)) return refuse(NOTES)
    if (!hasNeed(world, question.subject, question.at)) return refuse({ rule: 'no-need-to-know', law: '42 CFR 2.12(c)(3)' })
    return grant('internal', '42 CFR 2.12(c)(3)', { includesDoubtful: true })
  },
}

/** A partner reads back what it wrote itself. */
const origin: Ground = {
  kind: 'origin',
  find: ({ question }, content) => {
    // The programme's own way is the internal one, which asks for a need to know.
    if (content.labels.origin.partner !== question.partner.id || question.partner.kinds.includes('programme')) return SILENT
    if (question.purpose === 'HLEGAL' && content.isPart2) return refuse(PROCEEDINGS)
    if (content.labels.noteKind !== undefined && !isNoteUse(question)) return refuse(NOTES)
    return grant('origin', content.isPart2 ? '42 CFR 2.12(c)(3)' : '45 CFR 164.506(c)(1)')
  },
}

/** What is not a Part 2 record may go between those who treat and pay. @law 45 CFR 164.506(c); 42 CFR 2.12(d)(2)(ii) */
const hipaa: Ground = {
  kind: 'hipaa',
  find: (inquiry, content) => {
    const { question } = inquiry
    if (content.isPart2) return SILENT
    if (content.labels.noteKind !== undefined)
      return refuse({ rule: 'notes-need-own-authorization', law: '45 CFR 164.508(a)(2)' })
    if (content.labels.policy.includes('Title38Section7332'))
      return refuse({ rule: 'va-record', law: '38 USC 7332; 42 CFR 2.12(c)(1)' })
    const rule = HIPAA.find(({ covers }) => covers(question))
    if (rule === undefined) return refuse({ rule: 'hipaa-does-not-cover', law: '45 CFR 164.506(c)' })
    const shut = [
      ...refusedFor(inquiry, content),
      ...restrictionsOn(question, content, 'hipaa'),
      ...profileBars(question, content),
    ]
    if (shut.length > 0) return refuse(...shut)
    const carries = (facet: Facet): boolean =>
      overlaysFor(facet, question.world.facts.jurisdiction).length === 0 || isTreating(question)
    if (!content.labels.sensitivity.every(carries))
      return refuse({ rule: 'sensitivity-not-named', law: 'Tex. Health & Safety Code 81.103(b)' })
    return grant('hipaa', rule.law, {
      rule: rule.id,
      carries: (facet) => carries(facet) && refusalsOf(inquiry, content, facet).length === 0,
    })
  },
}

/** HIPAA's own permissions without authorization, as far as the gateway uses them. */
const HIPAA: readonly { readonly id: string; readonly law: string; readonly covers: (question: Question) => boolean }[] = [
  {
    id: 'hipaa-treatment',
    law: '45 CFR 164.506(c)(2)',
    covers: ({ partner, purpose }) => purposeCovers('TREAT', purpose) && isHealthCareProvider(partner),
  },
  {
    id: 'hipaa-payment',
    law: '45 CFR 164.506(c)(3)',
    covers: ({ partner, purpose }) => purposeCovers('HPAYMT', purpose) && partner.kinds.includes('covered-entity'),
  },
]

const isTreating = ({ world, partner, at }: Question): boolean =>
  world.treating(partner).some(({ window }) => holdsAt(window, at))

const refusedFor = (inquiry: Inquiry, content: Content): readonly Reason[] =>
  facetsOf(content.labels.sensitivity).flatMap((facet) => refusalsOf(inquiry, content, facet))

/** What needs no paper: the programme at work, and what a partner wrote itself. */
export const OWN_GROUNDS: readonly Ground[] = [internal, origin]
/** What rests on the law alone. */
export const HIPAA_GROUNDS: readonly Ground[] = [hipaa]
