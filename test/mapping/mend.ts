import { isTree, listOf } from '../../src/mapping/tree.ts'
import type { Tree } from '../../src/mapping/tree.ts'

/** Makes the keys of a list differ. */
const distinct = (list: unknown): Tree[] =>
  listOf(list)
    .filter(isTree)
    .map((entry, index) => ({ ...entry, key: `k${String(index)}` }))

const some = (list: readonly Tree[], wanted: unknown): unknown => {
  const keys = list.map((entry) => entry['key'])
  const chosen = keys.slice(0, Array.isArray(wanted) ? wanted.length : 1)
  return chosen.length === 0 ? undefined : chosen
}

const defined = (tree: Tree): Tree => Object.fromEntries(Object.entries(tree).filter(([, value]) => value !== undefined))

const inOrder = (tree: Tree): Tree =>
  typeof tree['start'] === 'string' && typeof tree['end'] === 'string' && tree['end'] < tree['start']
    ? { ...tree, start: tree['end'], end: tree['start'] }
    : tree

const plan = (record: Tree): Tree => {
  const [diagnoses, providers, goals] = [distinct(record['diagnoses']), distinct(record['providers']), distinct(record['goals'])]
  const objectives = distinct(record['objectives']).map((o, i) => ({ ...o, goalKey: goals[i % goals.length]?.['key'] }))
  const services = distinct(record['services']).map((s) =>
    defined({
      ...s,
      ...('goalKeys' in s && { goalKeys: some(goals, s['goalKeys']) }),
      ...('objectiveKeys' in s && { objectiveKeys: some(objectives, s['objectiveKeys']) }),
      ...('providerKey' in s && { providerKey: providers[0]?.['key'] }),
    }),
  )
  return {
    ...record,
    diagnoses,
    providers,
    goals: goals.map((g) =>
      defined({ ...g, ...('diagnosisKeys' in g && { diagnosisKeys: some(diagnoses, g['diagnosisKeys']) }) }),
    ),
    objectives,
    services,
  }
}

/** Phases one after the other from the start of the stay; the last may be open. */
const phasesWithin = ({ start, phases }: Tree): Tree[] =>
  listOf(phases)
    .filter(isTree)
    .map((p, index, all) => (index < all.length - 1 || 'end' in p ? { ...p, start, end: start } : { ...p, start }))

const answer = (value: unknown, index: number): unknown => {
  if (!isTree(value)) return value
  const { number, text, ...more } = value
  return { ...more, linkId: `q${String(index)}`, ...(text === undefined ? { number: number ?? 0 } : { text }) }
}

/** Keeps the first of the names that stands in an entry, and puts one where none does. */
const oneOf =
  (...names: readonly string[]) =>
  (entry: Tree): Tree => {
    const kept = names.find((name) => name in entry)
    const more = Object.fromEntries(Object.entries(entry).filter(([name]) => !names.includes(name) || name === kept))
    return kept === undefined ? { ...more, partner: 'mission' } : more
  }

const withRecipients = (tree: Tree): Tree =>
  'recipients' in tree
    ? {
        ...tree,
        recipients: listOf(tree['recipients'])
          .filter(isTree)
          .map(oneOf('npi', 'class', 'partner')),
      }
    : tree

const consent = (record: Tree): Tree => ({
  ...withRecipients(record),
  ...('disclosers' in record && { disclosers: listOf(record['disclosers']).filter(isTree).map(oneOf('class', 'partner')) }),
  ...('except' in record && { except: listOf(record['except']).filter(isTree).map(withRecipients) }),
})

/** Makes generated records meet the rules that go across fields. */
export const mend =
  (name: string) =>
  (value: unknown): unknown => {
    if (!isTree(value)) return value
    const record = inOrder(value)
    if (name === 'client') return { ...record, clientId: record['recordId'] }
    if (name === 'treatment-plan') return plan(record)
    if (name === 'consent') return consent(record)
    if (name === 'enrolment') return { ...record, phases: phasesWithin(record) }
    if (name === 'assessment') return { ...record, answers: listOf(record['answers']).map(answer) }
    if (name === 'strengths') return { ...record, items: distinct(record['items']) }
    if (name === 'transition-plan') return { ...record, handovers: distinct(record['handovers']) }
    return record
  }
