import type { Basis, Reason } from '../model/decision.ts'
import { nearestOf } from './findings.ts'
import type { Finding, Ground, Inquiry } from './inquiry.ts'
import { knownOf } from './reach.ts'
import type { Reach } from './reach.ts'
import { recall } from './recall.ts'
import { obligationsOf } from './redisclosure.ts'
import { profileBars, RELIANCE } from './reliance.ts'
import { restrictionsOn } from './restrictions.ts'
import { facetsOf, SELECTIONS, SELECTORS } from './tree.ts'
import { outcomeOf, prune, walk } from './walk.ts'
import type { Content, Facet, Question } from './tree.ts'
import type { Applied, Node } from './walk.ts'
import { holdsAt } from './windows.ts'
import type { ConsentFile, Rule } from './world.ts'

interface Carrier {
  readonly applied: Applied
  readonly trail: readonly Node[]
}

interface Said {
  readonly refusals: readonly Reason[]
  readonly carriers: readonly Carrier[]
}

const referenceOf = ({ consent }: ConsentFile): string => `Consent/${consent.id}`

/** What all consents together say about one facet: any refusal overrides every permit. @law 42 CFR 2.31; 2.26(a)(3) */
const hear = ({ question, applied }: Inquiry, content: Content, facet: Facet): Said => {
  const refusals: Reason[] = []
  const carriers: Carrier[] = []
  for (const one of applied) {
    const outcome = outcomeOf(one.node, content, facet, question)
    if (outcome.effect === 'deny' && one.refuses)
      refusals.push({
        rule: 'refused-by-patient',
        law: '42 CFR 2.31(a)(3)',
        reference: `${referenceOf(one.file)}#${pathOf(outcome.trail)}`,
      })
    if (outcome.effect !== 'permit' || !one.permits) continue
    const reliance = { file: one.file, trail: outcome.trail, content, facet, question }
    if (!RELIANCE.some(({ bars }) => bars(reliance))) carriers.push({ applied: one, trail: outcome.trail })
  }
  return { refusals, carriers }
}

const pathOf = (trail: readonly Node[]): string => trail.at(-1)?.rule.provision.path ?? 'provision'

/** The patient's written consent. @law 42 CFR 2.31, 2.33(a) */
export const consentGround: Ground = {
  kind: 'consent',
  find: (inquiry, content) => {
    const { question } = inquiry
    const facets = facetsOf(content.labels.sensitivity)
    const said = new Map<Facet, Said>()
    const about = (facet: Facet): Said => recall(said, facet, () => hear(inquiry, content, facet))
    const carries = (facet: Facet): boolean => {
      const { refusals, carriers } = about(facet)
      return refusals.length === 0 && carriers.length > 0
    }
    const isCarried = facets.every(carries)
    const shut = [...profileBars(question, content), ...restrictionsOn(question, content, 'consent')]
    if (!isCarried || shut.length > 0) return { explain: () => explain(inquiry, content, facets, about, shut) }
    const chosen = choose(facets.map((facet) => about(facet).carriers))
    const [first] = chosen
    return first === undefined ? { explain: () => [] } : grantBy(first, chosen, question, carries)
  },
}

/** One consent that carries every facet when there is one, otherwise one for each; the first by id. */
const choose = (carriers: readonly (readonly Carrier[])[]): readonly Carrier[] => {
  const [first = [], ...others] = carriers
  const whole = first.find((carrier) => others.every((list) => list.some(({ applied }) => applied.file === carrier.applied.file)))
  if (whole !== undefined) return [whole]
  return carriers.flatMap((list) => list.slice(0, 1))
}

const grantBy = (first: Carrier, chosen: readonly Carrier[], question: Question, carries: (facet: Facet) => boolean): Finding => {
  const { file } = first.applied
  const via = chosen.flatMap(({ trail }) => meant(trail, question)?.via ?? []).at(0)
  const basis: Basis = {
    kind: 'consent',
    reference: referenceOf(file),
    version: file.consent.version,
    path: pathOf(first.trail),
    ...(via === undefined ? {} : { via }),
  }
  const isTpo = chosen.every(({ applied }) => applied.file.isTpo)
  return {
    grant: {
      basis,
      carries,
      includesDoubtful: false,
      obligations: obligationsOf(question.partner, isTpo ? 'tpo-consent' : 'consent'),
      because: chosen.flatMap(({ applied, trail }) => [
        {
          rule: 'consent-in-force',
          law: isTpo ? '42 CFR 2.33(a)(2)' : '42 CFR 2.33(a)(1)',
          reference: `${referenceOf(applied.file)}#${pathOf(trail)}`,
        },
        ...evidenceOf(trail, question),
      ]),
    },
  }
}

/** How the first designation on the way means the recipient: by its name where it can be, else by evidence. */
const meant = (trail: readonly Node[], { world, partner, at }: Question): Reach | undefined => {
  for (const { rule } of trail)
    for (const actor of rule.recipients) {
      const holding = knownOf(world.reach(actor, partner)).filter(({ window }) => holdsAt(window, at))
      if (holding.length > 0) return holding.find(({ evidence }) => evidence.length === 0) ?? holding[0]
    }
  return undefined
}

/** By which evidence the recipient is meant, where it is not named itself. */
const evidenceOf = (trail: readonly Node[], question: Question): readonly Reason[] =>
  (meant(trail, question)?.evidence ?? []).map((reference) => ({
    rule: 'recipient-by-evidence',
    law: '42 CFR 2.31(a)(4)(i)',
    reference,
  }))

/** Nearest reasons: of the consent that fails on fewest, with every refusal of others. */
const explain = (
  inquiry: Inquiry,
  content: Content,
  facets: readonly Facet[],
  about: (facet: Facet) => Said,
  shut: readonly Reason[],
): readonly Reason[] => {
  const refusals = unique(facets.flatMap((facet) => about(facet).refusals))
  const uncarried = facets.filter((facet) => about(facet).carriers.length === 0)
  if (uncarried.length === 0) return [...refusals, ...shut]
  const nearest = nearestOf(inquiry.question.world.consents.map((file) => reasonsOf(file, inquiry.question, content, uncarried)))
  return nearest === undefined ? [] : unique([...nearest, ...refusals, ...shut])
}

const unique = (reasons: readonly Reason[]): readonly Reason[] => [
  ...new Map(reasons.map((one) => [`${one.rule} ${String(one.reference)}`, one])).values(),
]

/** Everything for which one consent does not carry the facets. */
const reasonsOf = (file: ConsentFile, question: Question, content: Content, facets: readonly Facet[]): readonly Reason[] => {
  const reference = referenceOf(file)
  const bars = file.standing.barsAt(question.at).map(({ id, law }) => ({ rule: id, law, reference }))
  return unique([...bars, ...facets.flatMap((facet) => treeReasons(file, question, content, facet))])
}

/** Why the tree of one consent does not permit one facet: a refusal, the constraints in the way of the nearest permit, or the law. */
const treeReasons = (file: ConsentFile, question: Question, content: Content, facet: Facet): readonly Reason[] => {
  const reference = referenceOf(file)
  const node = prune(file.root, question)
  const outcome = node === undefined ? undefined : walk(node, content, facet, question)
  if (outcome?.effect === 'deny')
    return [{ rule: 'refused-by-patient', law: '42 CFR 2.31(a)(3)', reference: `${reference}#${pathOf(outcome.trail)}` }]
  if (outcome?.effect === 'permit') {
    const reliance = { file, trail: outcome.trail, content, facet, question }
    return RELIANCE.filter(({ bars }) => bars(reliance)).map(({ id, law }) => ({
      rule: id,
      law,
      reference: `${reference}#${pathOf(outcome.trail)}`,
    }))
  }
  const nearest = nearestOf(permitsOf(file.root).map((path) => failuresOn(path, question, content, facet)))
  return (nearest ?? [{ rule: 'nothing-permitted', law: '42 CFR 2.31(a)(3)' }]).map((one) => ({ ...one, reference }))
}

const permitsOf = (rule: Rule, above: readonly Rule[] = []): readonly (readonly Rule[])[] => {
  const path = [...above, rule]
  return [...(rule.provision.effect === 'permit' ? [path] : []), ...rule.exceptions.flatMap((inner) => permitsOf(inner, path))]
}

const failuresOn = (path: readonly Rule[], question: Question, content: Content, facet: Facet): readonly Reason[] => {
  const fails = new Map<string, Reason>()
  for (const rule of path) {
    const isPermit = rule.provision.effect === 'permit'
    const holds = (answer: boolean | 'unknown'): boolean => (isPermit ? answer === true : answer !== false)
    for (const { id, law, speaks, matches } of SELECTORS)
      if (speaks(rule) && !holds(matches(rule, isPermit, question))) fails.set(id, { rule: id, law })
    for (const { id, law, speaks, matches } of SELECTIONS)
      if (speaks(rule) && !holds(matches(rule, isPermit, content, facet, question))) fails.set(id, { rule: id, law })
  }
  return [...fails.values()]
}
