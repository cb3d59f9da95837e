/** What the generators of committed definitions share: what is kept of a definition, and how a value set is listed in full. */
import { writeFileSync } from 'node:fs'

/** An object with only those keys that it has. */
export const pick = (object, keys) =>
  Object.fromEntries(keys.filter((key) => object[key] !== undefined).map((key) => [key, object[key]]))

const trimType = (type) => ({ ...pick(type, ['code', 'profile', 'targetProfile']), ...pick(type, ['extension']) })

function trimElement(element) {
  const values = Object.keys(element).filter((key) => /^(fixed|pattern|minValue|maxValue)[A-Z]/.test(key))
  return {
    ...pick(element, [
      'id',
      'path',
      'sliceName',
      'slicing',
      'min',
      'max',
      'contentReference',
      'maxLength',
      'isModifier',
      'isSummary',
      'mustSupport',
    ]),
    ...(element.base && { base: element.base }),
    ...(element.type && { type: element.type.map(trimType) }),
    ...pick(element, values),
    ...(element.constraint && {
      constraint: element.constraint.map((rule) => pick(rule, ['key', 'severity', 'human', 'expression'])),
    }),
    ...(element.binding?.valueSet && { binding: pick(element.binding, ['strength', 'valueSet']) }),
  }
}

/** A StructureDefinition without prose, differential and mappings. */
export const trimDefinition = (definition) => ({
  ...pick(definition, [
    'resourceType',
    'id',
    'url',
    'version',
    'name',
    'status',
    'fhirVersion',
    'kind',
    'abstract',
    'type',
    'baseDefinition',
    'derivation',
    'context',
  ]),
  snapshot: { element: definition.snapshot.element.map(trimElement) },
})

/** Writes a Bundle with one resource a line, so that a change shows as the line that changed. */
export function writeBundle(file, resources) {
  const lines = resources.map((resource) => `{"resource":${JSON.stringify(resource)}}`)
  writeFileSync(file, `{"resourceType":"Bundle","type":"collection","entry":[\n${lines.join(',\n')}\n]}\n`)
}

/** A function that lists all codes of a value set, or says undefined when a part of it has no end or is not among the resources. */
export function expander(conformance) {
  const byUrl = (type) => new Map(conformance.filter((r) => r.resourceType === type).map((r) => [r.url, r]))
  const codeSystems = new Map([...byUrl('CodeSystem')].filter(([, system]) => system.content === 'complete'))
  const valueSets = byUrl('ValueSet')

  /** Every concept of a code system below `from` (or all of it), in its own order, each once. */
  function conceptsOf(system, from) {
    const found = []
    const walk = (concepts, inside) => {
      for (const concept of concepts ?? []) {
        const isInside = inside || concept.code === from
        if (isInside) found.push({ system: system.url, code: concept.code, ...(concept.display && { display: concept.display }) })
        walk(concept.concept, isInside)
      }
    }
    walk(system.concept, from === undefined)
    const byProperty = (parent) =>
      (system.concept ?? []).filter((concept) => concept.property?.some((p) => p.code === 'subsumedBy' && p.valueCode === parent))
    const below = (parent) =>
      byProperty(parent).flatMap((c) => [{ system: system.url, code: c.code, display: c.display }, ...below(c.code)])
    return from === undefined ? found : [...found, ...below(from)]
  }

  function concepts(include) {
    if (include.system === undefined) return undefined
    if (include.concept)
      return include.concept.map((c) => ({ system: include.system, code: c.code, ...(c.display && { display: c.display }) }))
    const system = codeSystems.get(include.system)
    if (!system) return undefined
    if (!include.filter) return conceptsOf(system)
    if (include.filter.some((filter) => filter.op !== 'is-a' || filter.property !== 'concept')) return undefined
    return include.filter
      .map((filter) => conceptsOf(system, filter.value))
      .reduce((a, b) => a.filter((x) => b.some((y) => x.code === y.code)))
  }

  /** All codes of a value set, or undefined when a part of it has no end (mime types, units) or is not held. */
  function expand(url, depth = 0) {
    const valueSet = valueSets.get(url)
    if (!valueSet || depth > 8) return undefined
    const all = []
    for (const include of valueSet.compose?.include ?? []) {
      const own = include.system ? concepts(include) : []
      const nested = (include.valueSet ?? []).map((inner) => expand(inner.split('|')[0], depth + 1))
      if (own === undefined || nested.includes(undefined)) return undefined
      all.push(...own, ...nested.flat())
    }
    const excluded = (valueSet.compose?.exclude ?? []).map(concepts)
    if (excluded.includes(undefined)) return undefined
    const out = new Set(excluded.flat().map((c) => `${c.system}|${c.code}`))
    const unique = new Map(all.map((c) => [`${c.system}|${c.code}`, c]))
    return [...unique.values()].filter((c) => !out.has(`${c.system}|${c.code}`))
  }

  return expand
}

/** A value set as its identity and the list of its codes. */
export const listed = (valueSet, contains) => ({
  ...pick(valueSet, ['resourceType', 'id', 'url', 'version', 'name', 'status']),
  expansion: { timestamp: valueSet.date ?? '2019-11-01', contains },
})
