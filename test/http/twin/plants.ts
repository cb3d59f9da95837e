import type { Db } from '../../../src/platform/db.ts'
import type { Asker } from './askers.ts'

/** Something wrong in the database of the full world, as a fault of the product would leave it, and where it has to be seen. */
export interface Plant {
  readonly number: number
  readonly what: string
  readonly plant: (db: Db, asker: Asker) => Promise<unknown>
  /** What the smallest failing request is about. */
  readonly seenAt: RegExp
}

const OWN = `recipient = $1 and type = 'Condition' and id = 'c-open'`

/** Faults below the handlers: in the audience, in the text, in the indexes, in the versions. */
export const PLANTS: readonly Plant[] = [
  {
    number: 24,
    what: 'a row of the audience that a later refusal should have taken away',
    plant: (db, { partner }) =>
      db.query(`update showing set recipient = $1 where recipient = 'mission' and type = 'Condition' and id = 'c-hiv'`, [partner]),
    seenAt: /Condition|_history|everything/,
  },
  {
    number: 25,
    what: 'a text with the part that should have been taken out',
    plant: (db, { partner }) =>
      db.query(
        `update showing s set rid = m.rid from showing m where s.recipient = $1 and (s.type, s.id) = ('CarePlan', 'p-open')
           and m.recipient = 'mission' and (m.type, m.id) = (s.type, s.id)`,
        [partner],
      ),
    seenAt: /CarePlan|_history|everything|Provenance/,
  },
  {
    number: 4,
    what: 'a search value of a withheld part in the index',
    plant: (db, { partner }) =>
      db.query(
        `update showing s set tokens = s.tokens || array(select unnest(x.tokens) from showing x where x.recipient = s.recipient and (x.type, x.id) = ('Condition', 'c-two') except select unnest(s.tokens))
         where ${OWN}`,
        [partner],
      ),
    seenAt: /Condition/,
  },
  {
    number: 22,
    what: 'a time at which only something withheld has changed',
    plant: (db, { partner }) => db.query(`update showing set updated = updated + interval '1 minute' where ${OWN}`, [partner]),
    seenAt: /Condition|_history|everything|_include/,
  },
  {
    number: 8,
    what: 'a version id that counts what is withheld',
    plant: (db, { partner }) =>
      db.query(`update rendition set version_id = reverse(version_id) where rid in (select rid from showing where ${OWN})`, [partner]),
    seenAt: /Condition|_history|everything/,
  },
] // prettier-ignore
