import { recall } from './recall.ts'
import { SELECTIONS, SELECTORS } from './tree.ts'
import type { Answer, Content, Facet, Question } from './tree.ts'
import { holdsAt } from './windows.ts'
import type { ConsentFile, Rule } from './world.ts'

/** A provision that applies to the question, with the exceptions that do; what is left to ask is the record. */
export interface Node {
  readonly rule: Rule
  readonly isPermit: boolean
  /** The constraints on the record that this provision has. */
  readonly selections: typeof SELECTIONS
  readonly exceptions: readonly Node[]
  /** Whether what it says about a record is the same at every moment and for every recipient to whom the same rules apply. */
  readonly isSettled: boolean
}

const applies = (isPermit: boolean, answer: Answer): boolean => (isPermit ? answer === true : answer !== false)

/** One mark for each rule that is looked at, in order: which rules apply to the question. */
const marksOf = (rule: Rule, question: Question): string => {
  const isPermit = rule.provision.effect === 'permit'
  // A root that permits is asked like a permit, though its refusals hang from it: what is said about V is not said about H.
  if (!SELECTORS.every(({ speaks, matches }) => !speaks(rule) || applies(isPermit, matches(rule, isPermit, question)))) return '-'
  let marks = '+'
  for (const inner of rule.exceptions) marks += marksOf(inner, question)
  return marks
}

/** The same rules that apply make the same node: what it has said of a record need not be asked again. */
const NODES = new WeakMap<Rule, Map<string, Node | undefined>>()
const noNodes = () => new Map<string, Node | undefined>()

const nodeOf = (rule: Rule, marks: Iterator<string>): Node | undefined => {
  if (marks.next().value !== '+') return undefined
  const exceptions = rule.exceptions.flatMap((inner) => nodeOf(inner, marks) ?? [])
  return {
    rule,
    isPermit: rule.provision.effect === 'permit',
    selections: SELECTIONS.filter(({ speaks }) => speaks(rule)),
    exceptions,
    isSettled: rule.holders.length === 0 && exceptions.every(({ isSettled }) => isSettled),
  }
}

/** What of a consent applies to a question; undefined when the root does not. */
export const prune = (rule: Rule, question: Question): Node | undefined => {
  const marks = marksOf(rule, question)
  return recall(recall(NODES, rule, noNodes), marks, () => nodeOf(rule, marks[Symbol.iterator]()))
}

/** What a consent says about one facet of one record. */
export type Outcome =
  | { readonly effect: 'permit'; readonly trail: readonly Node[] }
  | { readonly effect: 'deny'; readonly trail: readonly Node[] }
  | { readonly effect: 'none' }

const NONE: Outcome = { effect: 'none' }

const SAID = new WeakMap<Node, WeakMap<Content, Map<Facet, Outcome>>>()
const noContents = () => new WeakMap<Content, Map<Facet, Outcome>>()
const noFacets = () => new Map<Facet, Outcome>()

/** As `walk`, remembered for as long as the record and the rules that apply are the same. */
export const outcomeOf = (node: Node, content: Content, facet: Facet, question: Question): Outcome => {
  if (!node.isSettled) return walk(node, content, facet, question)
  const said = recall(recall(SAID, node, noContents), content, noFacets)
  const known = said.get(facet)
  if (known !== undefined) return known
  // once for every record and rule: a closure for each question would cost more than the answer
  const made = walk(node, content, facet, question)
  said.set(facet, made)
  return made
}

/**
 * Walks the tree: an exception that applies overrides its rule, and among exceptions a refusal overrides a permit.
 * @spec FHIR R4 Consent.provision.provision
 */
export const walk = (node: Node, content: Content, facet: Facet, question: Question, above: readonly Node[] = []): Outcome => {
  for (const { matches } of node.selections)
    if (!applies(node.isPermit, matches(node.rule, node.isPermit, content, facet, question))) return NONE
  const trail = [...above, node]
  let permit: Outcome = NONE
  for (const exception of node.exceptions) {
    const outcome = walk(exception, content, facet, question, trail)
    if (outcome.effect === 'deny') return outcome
    if (permit.effect === 'none') permit = outcome
  }
  if (permit.effect === 'permit') return permit
  if (node.isPermit) return { effect: 'permit', trail }
  return node.rule.provision.isExpress ? { effect: 'deny', trail } : NONE
}

/** A consent as it applies to one question. */
export interface Applied {
  readonly file: ConsentFile
  readonly node: Node
  readonly permits: boolean
  readonly refuses: boolean
}

/** The consents that have anything to say to a question. */
export const appliedTo = (question: Question): readonly Applied[] =>
  question.world.consents.flatMap((file) => {
    const permits = holdsAt(file.standing.permits, question.at)
    const refuses = holdsAt(file.standing.refusals, question.at)
    const node = permits || refuses ? prune(file.root, question) : undefined
    return node === undefined ? [] : [{ file, node, permits, refuses }]
  })
