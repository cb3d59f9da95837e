import type { Reason } from '../model/decision.ts'
import type { Inquiry } from './inquiry.ts'
import { outcomeOf } from './walk.ts'
import type { Content, Facet } from './tree.ts'

/** The places in consents at which the patient refuses this facet to this question. @law 42 CFR 2.31(a)(3) */
export const refusalsOf = ({ question, applied }: Inquiry, content: Content, facet: Facet): readonly Reason[] =>
  applied.flatMap(({ file, node, refuses }) => {
    const outcome = refuses ? outcomeOf(node, content, facet, question) : undefined
    if (outcome?.effect !== 'deny') return []
    const path = outcome.trail.at(-1)?.rule.provision.path ?? ''
    return [{ rule: 'refused-by-patient', law: '42 CFR 2.31(a)(3)', reference: `Consent/${file.consent.id}#${path}` }]
  })
