/** Checks who imports whom: `node test/support/arch.mjs`. Prints a sentence for each import that may not be. */
import { readdirSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { cruise } from 'dependency-cruiser'
import extractTSConfig from 'dependency-cruiser/config-utl/extract-ts-config'

const CHECKED = ['src', 'mappings']
const rules = createRequire(import.meta.url)('../../.dependency-cruiser.cjs')

/**
 * Looks at all modules below `root`.
 * @returns the breaches, the warnings, and the files that the checker did not see: with a compiler it does not know, it says "no violations"
 *   about no modules, so what was not seen counts as a breach
 */
export const checkArchitecture = async (root, exclude) => {
  const options = { ...rules.options, baseDir: root, ruleSet: { forbidden: rules.forbidden }, validate: true }
  if (exclude !== undefined) options.exclude = exclude
  const { output } = await cruise(CHECKED, options, undefined, { tsConfig: extractTSConfig(join(root, 'tsconfig.json')) })
  const seen = new Set(output.modules.map((module) => module.source))
  const found = output.summary.violations.map(({ from, to, rule }) => ({
    rule: rule.name,
    severity: rule.severity,
    from,
    to,
    sentence: rules.forbidden.find(({ name }) => name === rule.name)?.comment,
  }))
  return {
    modules: output.modules.filter((module) => !module.source.includes('node_modules') && module.coreModule !== true).length,
    breaches: found.filter(({ severity }) => severity === 'error'),
    warnings: found.filter(({ severity }) => severity !== 'error'),
    unseen: CHECKED.flatMap((folder) => sourcesIn(root, folder)).filter((file) => !seen.has(file)),
  }
}

const sourcesIn = (root, folder) =>
  readdirSync(join(root, folder), { recursive: true })
    .filter((name) => name.endsWith('.ts'))
    .map((name) => `${folder}/${name}`)

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const { modules, breaches, warnings, unseen } = await checkArchitecture(fileURLToPath(new URL('../..', import.meta.url)))
  for (const { from } of warnings) process.stdout.write(`${from} is not wired up: no door leads to it\n`)
  for (const { from, to, rule, sentence } of breaches) process.stdout.write(`${from} -> ${to}\n    ${rule}: ${sentence}\n`)
  for (const file of unseen) process.stdout.write(`${file}\n    was not seen by the check\n`)
  process.stdout.write(
    `${modules} modules, ${warnings.length} not wired up, ${breaches.length} imports that may not be, ${unseen.length} files not seen\n`,
  )
  process.exitCode = breaches.length + unseen.length === 0 ? 0 : 1
}
