import { readdirSync, readFileSync } from 'node:fs'
import { parseRules, type SensitivityRules } from '../../src/labelling/rules.ts'

const FOLDER = new URL('../../terminology/sensitivity/', import.meta.url)

/** The rule files that ship with the product, as JSON. */
export const ruleFiles = (): readonly unknown[] =>
  readdirSync(FOLDER)
    .filter((name) => name.endsWith('.json'))
    .sort()
    .map((name): unknown => JSON.parse(readFileSync(new URL(name, FOLDER), 'utf8')))

/** The rules that ship with the product. */
export const shippedRules = (): SensitivityRules => {
  const rules = parseRules(...ruleFiles())
  if (!rules.ok) throw new Error(JSON.stringify(rules.error.issues, undefined, 1))
  return rules.value
}
