import { readdir, readFile } from 'node:fs/promises'
import { parseTellingRows, type TellingRow } from '../disclosure/house.ts'
import { searchDefinitions, type SearchDefinitions } from '../formats/fhir/search-definitions.ts'
import { parseRules, type SensitivityRules } from '../labelling/label.ts'
import type { HmisSpec } from '../formats/hmis/hmis-csv.ts'
import type { HmisSensitivityRule } from '../mapping/hmis.ts'
import { loadDefinitions, type Definitions } from '../validation/validate.ts'

/** The data that the pure rooms work with, as it lies in `profiles/` and `terminology/`. */
export interface Assets {
  readonly definitions: Definitions
  readonly searches: SearchDefinitions
  readonly rules: SensitivityRules
  /** Names and identifier systems that tell what somebody is treated for. */
  readonly tellingRows: readonly TellingRow[]
  readonly hmis: { readonly spec: HmisSpec; readonly rules: readonly HmisSensitivityRule[] }
}

const ROOT = new URL('../../', import.meta.url)

const json = async (path: string): Promise<unknown> => JSON.parse(await readFile(new URL(path, ROOT), 'utf8')) as unknown

/** Every JSON file of a folder and the folders below it, by path. */
const folder = async (path: string): Promise<readonly unknown[]> => {
  const entries = await readdir(new URL(path, ROOT), { recursive: true, withFileTypes: true })
  const files = entries
    .filter((entry) => entry.isFile() && entry.name.endsWith('.json'))
    .map((entry) => `${entry.parentPath}/${entry.name}`)
  return Promise.all(files.sort().map(async (file) => JSON.parse(await readFile(file, 'utf8')) as unknown))
}

/**
 * Loads and checks everything; a faulty row stops the start, before anybody could be let through by it.
 * @throws Error that names the file or row
 */
export const loadAssets = async (): Promise<Assets> => {
  const [definitions, searches, telling, sensitivity, spec, hmisRules] = await Promise.all([
    Promise.all(
      [
        'profiles/base/',
        'profiles/mission/',
        'profiles/us-core/',
        'terminology/code-systems/',
        'terminology/value-sets/',
        'mappings/mission/concept-maps/',
      ].map(folder),
    ),
    json('profiles/base/search-parameters.json'),
    json('terminology/telling-names.json'),
    folder('terminology/sensitivity/'),
    json('mappings/hmis/fy2026.json'),
    json('mappings/hmis/sensitivity.json'),
  ])
  const rules = parseRules(...sensitivity)
  if (!rules.ok)
    throw new Error(`terminology/sensitivity: ${rules.error.issues?.[0]?.path ?? ''} ${rules.error.issues?.[0]?.message ?? ''}`)
  const rows = parseTellingRows(telling)
  if (rows.faults.length > 0) throw new Error(`terminology/telling-names.json: row ${String(rows.faults[0])}`)
  return {
    definitions: loadDefinitions(definitions.flat()),
    searches: searchDefinitions(searches),
    rules: rules.value,
    tellingRows: rows.rows,
    hmis: { spec: spec as HmisSpec, rules: (hmisRules as { rules: readonly HmisSensitivityRule[] }).rules },
  }
}
