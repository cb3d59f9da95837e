// In: a resource and the shape of its type. Out: issues: names, cardinality, types, values, references, invariants.
// Never: changes the resource, or tells a value in a message.
import { checkRules, deeper, DEPTH_MAX, fault } from './check.ts'
import type { Check } from './check.ts'
import { checkClaims, checkContexts, checkExtensionContent } from './check-profiles.ts'
import type { Definitions } from './definitions.ts'
import { isObject } from './fhirpath-values.ts'
import { narrativeFault } from './narrative.ts'
import { referenceFault, typeReferredTo } from './reference.ts'
import type { Field, Shape } from './shape.ts'

type Json = Readonly<Record<string, unknown>>

/** Checks one resource against the shape that its `resourceType` names. */
export function checkResource(check: Check, definitions: Definitions, resource: unknown, path: string): void {
  if (!isObject(resource)) {
    fault(check, path, 'structure', 'must be a resource')
    return
  }
  const type = resource['resourceType']
  const shape = typeof type === 'string' ? definitions.shapeOf(type) : undefined
  if (shape?.isResource !== true || shape.name === 'Resource' || shape.name === 'DomainResource') {
    fault(check, path, 'not-supported', 'is not of a resource type that is held here')
    return
  }
  const isContained = path.includes('.contained')
  const around = { resource, rootResource: isContained ? check.around.rootResource : resource }
  const inside: Check = { issues: check.issues, around, depth: check.depth }
  checkContained(inside, resource, path, isContained)
  checkObject(inside, definitions, resource, shape, path)
  checkClaims(inside, definitions, resource, path)
}

/** Is a value nested deeper than that many levels? */
const isDeeper = (value: unknown, levels: number): boolean =>
  typeof value === 'object' &&
  value !== null &&
  (levels === 0 || Object.values(value).some((child) => isDeeper(child, levels - 1)))

const REFERENCE_KEYS =
  /"(?:reference|[a-z][A-Za-z]*(?:Uri|Canonical|Url)|instantiatesCanonical|questionnaire|url|uri)":"#([^"]*)"/g

/** What may be contained, and that something refers to it. @spec FHIR R4 DomainResource dom-2 to dom-5 */
function checkContained(check: Check, resource: Json, path: string, isContained: boolean): void {
  const contained = resource['contained']
  if (!Array.isArray(contained)) return
  if (isDeeper(contained, DEPTH_MAX)) {
    fault(check, `${path}.contained`, 'too-costly', 'is nested too deep')
    return
  }
  if (isContained) fault(check, `${path}.contained`, 'invariant', 'dom-2: a contained resource must not contain others')
  const text = JSON.stringify(resource)
  const referred = new Set([...text.matchAll(REFERENCE_KEYS)].map((match) => match[1]))
  contained.forEach((inner: unknown, i) => {
    if (!isObject(inner)) return
    const at = `${path}.contained[${String(i)}]`
    const meta = isObject(inner['meta']) ? inner['meta'] : {}
    if (meta['versionId'] !== undefined || meta['lastUpdated'] !== undefined)
      fault(check, at, 'invariant', 'dom-4: a contained resource must not have a version of its own')
    if (meta['security'] !== undefined)
      fault(check, at, 'invariant', 'dom-5: a contained resource must not have security labels of its own')
    const isPointing = JSON.stringify(inner).includes('"reference":"#"')
    if (!isPointing && !referred.has(String(inner['id'])))
      fault(check, at, 'invariant', 'dom-3: a contained resource must be referred to')
  })
}

/** Checks the keys of an object against a shape. */
export function checkObject(check: Check, definitions: Definitions, value: Json, shape: Shape, path: string): void {
  if (check.depth > DEPTH_MAX) {
    fault(check, path, 'too-costly', 'is nested too deep')
    return
  }
  const inside = deeper(check)
  let children = 0
  for (const key of Object.keys(value)) {
    if (key === 'resourceType' && shape.isResource) continue
    if (key !== 'id') children++
    const field = shape.fields.get(key)
    if (field) checkField(inside, definitions, value, field, path)
    else checkOther(inside, definitions, value, shape, key, path)
    if (field?.type === 'Extension') checkContexts(inside, definitions, value[key], shape, `${path}.${key}`)
  }
  if (children === 0 && !shape.isResource && shape.name !== 'Element')
    fault(check, path, 'invariant', 'ele-1: an element must have a value or children')
  checkRequired(check, value, shape, path)
  if (shape.name === 'Extension') checkExtension(check, definitions, value, path)
  if (shape.name === 'Reference') checkReferenceForm(check, value, path)
  checkRules(check, shape.rules, value, path)
}

function checkRequired(check: Check, value: Json, shape: Shape, path: string): void {
  for (const { name, keys } of shape.required) {
    const key = keys.find((k) => value[k] !== undefined || value[`_${k}`] !== undefined)
    if (key === undefined) fault(check, `${path}.${name}`, 'required', 'is required')
  }
}

/** A key that is no element: the half of a primitive that holds its id and extensions, or unknown. */
function checkOther(check: Check, definitions: Definitions, value: Json, shape: Shape, key: string, path: string): void {
  const field = key.startsWith('_') ? shape.fields.get(key.slice(1)) : undefined
  if (!field?.primitive) {
    fault(check, path, 'structure', 'has a property that is not known')
    return
  }
  const beside = value[key]
  const at = `${path}.${field.name}`
  const element = definitions.shapeOf('Element')
  if (!element) return
  if (!field.isArray) {
    if (isObject(beside)) checkHalf(check, definitions, beside, element, value[field.key] !== undefined, at)
    else fault(check, at, 'structure', 'must be an object beside a primitive')
    if (value[field.key] === undefined) checkChoice(check, value, field, path)
    return
  }
  if (!Array.isArray(beside)) {
    fault(check, at, 'structure', 'must be an array beside an array of primitives')
    return
  }
  const values = value[field.key]
  if (Array.isArray(values) && values.length !== beside.length)
    fault(check, at, 'structure', 'must be as long as the array beside it')
  beside.forEach((item: unknown, i) => {
    const hasValue = Array.isArray(values) && values[i] !== null && values[i] !== undefined
    if (isObject(item)) checkHalf(check, definitions, item, element, hasValue, `${at}[${String(i)}]`)
    else if (item !== null) fault(check, `${at}[${String(i)}]`, 'structure', 'must be an object or null')
  })
}

/** The half of a primitive without its value; an id alone says something only beside a value. */
function checkHalf(check: Check, definitions: Definitions, half: Json, element: Shape, hasValue: boolean, path: string): void {
  const keys = Object.keys(half)
  if (keys.length === 0 || (!hasValue && half['extension'] === undefined))
    fault(check, path, 'invariant', 'ele-1: an element must have a value or children')
  checkObject(check, definitions, half, element, path)
}

function checkChoice(check: Check, value: Json, field: Field, path: string): void {
  if (
    field.choice &&
    field.choice.length > 1 &&
    field.choice.filter((key) => value[key] !== undefined || value[`_${key}`] !== undefined).length > 1
  )
    fault(check, `${path}.${field.name}`, 'structure', 'must have only one type')
}

function checkField(check: Check, definitions: Definitions, parent: Json, field: Field, path: string): void {
  const value = parent[field.key]
  const at = `${path}.${field.name}`
  if (field.choice) checkChoice(check, parent, field, path)
  if (!field.isArray) {
    if (Array.isArray(value)) fault(check, at, 'structure', 'must not be an array')
    else if (field.max === 0) fault(check, at, 'structure', 'must not be present')
    else checkValue(check, definitions, value, field, at)
    return
  }
  if (!Array.isArray(value)) {
    fault(check, at, 'structure', 'must be an array')
    return
  }
  if (value.length === 0) fault(check, at, 'structure', 'must not be an empty array')
  if (value.length > field.max) fault(check, at, 'structure', `must have at most ${String(field.max)}`)
  const beside = parent[`_${field.key}`]
  for (let i = 0; i < value.length; i++) {
    const item: unknown = value[i]
    if (item === null && Array.isArray(beside) && isObject(beside[i])) continue
    checkValue(check, definitions, item, field, `${at}[${String(i)}]`)
  }
}

function checkValue(check: Check, definitions: Definitions, value: unknown, field: Field, path: string): void {
  if (value === null || value === undefined) {
    fault(check, path, 'structure', 'must not be null')
    return
  }
  if (field.primitive) {
    const why = field.primitive(value)
    if (why !== undefined) {
      fault(check, path, 'value', why)
      return
    }
    if (field.maxLength !== undefined && typeof value === 'string' && value.length > field.maxLength)
      fault(check, path, 'too-long', 'is too long')
  } else if (field.type === 'xhtml') {
    const why = narrativeFault(value)
    if (why !== undefined) fault(check, path, 'invariant', `the narrative ${why}`)
    return
  } else if (field.type === 'Resource') {
    checkResource(deeper(check), definitions, value, path)
    return
  } else if (!isObject(value)) {
    fault(check, path, 'structure', `must be an object of type ${field.type}`)
    return
  } else {
    const shape = field.shape?.()
    if (shape) checkObject(check, definitions, value, shape, path)
    if (field.targets && field.type === 'Reference') {
      const why = referenceFault(value, field.targets, check.around)
      if (why !== undefined) fault(check, path, 'structure', why)
    }
  }
  if (field.valueSet !== undefined && definitions.isBound(field.valueSet, value) === false)
    fault(check, path, 'code-invalid', `must be a code of ${field.valueSet}`)
  if (field.rules.length > 0) checkRules(check, field.rules, value, path)
}

/** @spec FHIR R4 Extension ext-1, and Reference ref-1 below */
function checkExtension(check: Check, definitions: Definitions, value: Json, path: string): void {
  const values = Object.keys(value).filter((key) => /^_?value[A-Z]/.test(key))
  if (values.length > 0 === Array.isArray(value['extension']))
    fault(check, path, 'invariant', 'ext-1: an extension must have either a value or extensions')
  const url = value['url']
  if (typeof url === 'string') checkExtensionContent(check, definitions, value, url, path)
}

function checkReferenceForm(check: Check, value: Json, path: string): void {
  if (typeReferredTo(value, check.around) === null)
    fault(check, path, 'structure', 'must be a reference: Type/id, a URL, urn:uuid: or #id')
  const reference = value['reference']
  if (typeof reference !== 'string' || !reference.startsWith('#') || reference === '#') return
  const root = check.around.rootResource
  const contained: readonly unknown[] = isObject(root) && Array.isArray(root['contained']) ? root['contained'] : []
  if (!contained.some((inner) => isObject(inner) && inner['id'] === reference.slice(1)))
    fault(check, path, 'invariant', 'ref-1: a local reference must lead to a contained resource')
}
