import { describe, expect, test } from '@jest/globals'
import { REQUIRED_ELEMENTS } from '../../src/disclosure/required-elements.ts'
import { DATATYPES, RESOURCES } from './filled.ts'

/** What a datatype asks for below itself. */
const requiredOf = (type: string): readonly string[] => {
  const definition = DATATYPES.get(type)
  if (definition?.kind !== 'complex-type') return []
  return (definition.snapshot?.element ?? []).flatMap(({ path, min = 0 }) => {
    const [, name, deeper] = path.split('.')
    return name !== undefined && deeper === undefined && min > 0 ? [name] : []
  })
}

const NOT_LOOKED_INTO = new Set(['Extension', 'Resource', 'Narrative', 'BackboneElement', 'Element'])

describe('the table of required elements is that of R4', () => {
  test.each(RESOURCES.map((definition) => [definition.name, definition] as const))('%s', (name, definition) => {
    const words = new Set<string>()
    const repeats: string[] = []
    for (const { path: full, contentReference, min = 0, type = [] } of definition.snapshot?.element ?? []) {
      const path = full.split('.').slice(1).join('.')
      if (path === '') continue
      if (contentReference !== undefined) repeats.push(`${path}>${contentReference.split('.').slice(1).join('.')}`)
      if (min > 0) words.add(path)
      for (const { code = '' } of type) {
        const typed = path.replace('[x]', code.charAt(0).toUpperCase() + code.slice(1))
        if (!NOT_LOOKED_INTO.has(code)) for (const child of requiredOf(code)) words.add(`${typed}.${child}`)
      }
    }
    expect(REQUIRED_ELEMENTS[name]).toBe([...words, ...repeats].join(' '))
  })

  test('no type is missing or too many', () => {
    expect(Object.keys(REQUIRED_ELEMENTS).sort()).toEqual(RESOURCES.map((definition) => definition.name).sort())
  })
})
