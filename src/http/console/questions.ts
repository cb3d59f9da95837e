import { z } from 'zod'
import { explainDisclosure, listDisclosures } from '../../flow/console/disclosures.ts'
import { question, type Question } from './question.ts'
import { disclosureFilter, page } from './shapes.ts'

/** Everything that a page can ask for, or do; each asks the table of rights, and is on the ledger before it answers. */
export const QUESTIONS: readonly Question[] = [
  question('/disclosures', z.strictObject({ filter: disclosureFilter, ...page }), ({ house, signed }, { filter, next }) =>
    listDisclosures(house, signed.staff, filter, next),
  ),
  question('/disclosures/explain', z.strictObject({ seq: z.int().positive() }), ({ house, signed }, { seq }) =>
    explainDisclosure(house, signed.staff, seq),
  ),
]
