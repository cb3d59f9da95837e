import { profileUrl } from '../../src/mapping/context.ts'
import elements from './elements.json' with { type: 'json' }
import { recordTypes } from './record-types.ts'

/** Where one data element of the seeds has its home. */
export interface CoverageRow {
  readonly id: string
  readonly element: string
  readonly seed: string
  /** Field of a record, `enrolment.phases.start`, or where else it is. */
  readonly homes: readonly string[]
  readonly paths: readonly string[]
  readonly profiles: readonly string[]
  readonly tests: readonly string[]
  /** Why it is no field of a record, where it is none. */
  readonly apart?: string
}

const ROUND_TRIP = 'test/mapping/round-trip.test.ts'

interface Home {
  readonly field: string
  readonly path: string
  readonly profiles: readonly string[]
  readonly type: string
}

/** Every row of every map, under each element that it gives a home to. */
const homesByElement = (): ReadonlyMap<string, readonly Home[]> => {
  const homes = new Map<string, Home[]>()
  for (const [type, { map }] of Object.entries(recordTypes))
    for (const resource of map.rows.resources)
      for (const row of resource.rows)
        for (const element of row.elements) {
          const field = [type, resource.each, row.from].filter((part) => part !== undefined).join('.')
          const path = `${resource.type}.${row.to.replaceAll('https://mission-gateway.example/fhir/', '')}`
          homes.set(element, [...(homes.get(element) ?? []), { field, path, profiles: resource.profiles, type }])
        }
  return homes
}

/** One row for each of the data elements: where it stands in a record, where in FHIR, by which profile, shown by which test. */
export const coverage = (): readonly CoverageRow[] => {
  const homes = homesByElement()
  return elements.map((e): CoverageRow => {
    const own = homes.get(e.id) ?? []
    const apart = 'apart' in e ? e.apart : undefined
    return {
      id: e.id,
      element: e.element,
      seed: e.seed,
      homes: unique([...own.map((h) => h.field), ...(apart === undefined ? [] : [apart.home])]),
      paths: unique([...own.map((h) => h.path), ...(apart === undefined ? [] : [apart.path])]),
      profiles: unique([...own.flatMap((h) => h.profiles.map(profileUrl)), ...(apart === undefined ? [] : [apart.profile])]),
      tests: unique([...own.map((h) => `${ROUND_TRIP} › ${h.type}`), ...(apart === undefined ? [] : [apart.test])]),
      ...(apart !== undefined && { apart: apart.why }),
    }
  })
}

const unique = (list: readonly string[]): readonly string[] => [...new Set(list)]

const cell = (list: readonly string[]): string => list.map((text) => text.replaceAll('|', '\\|')).join('<br>')

/** The coverage table as a page. */
export const coveragePage = (): string => {
  const rows = coverage()
  const lines = rows.map((r) =>
    [
      r.id,
      r.element,
      r.seed,
      r.apart ?? '',
      ...[r.homes, r.paths, r.profiles.map((p) => p.split('/').at(-1) ?? p), r.tests].map(cell),
    ]
      .map((text) => text.replaceAll('\n', ' '))
      .join(' | '),
  )
  return `# The data elements of MISSION and where they live

Made by \`mappings/mission/coverage.ts\` from the rows of the maps; \`UPDATE_GOLDEN=1 npm run test:unit -- test/mapping/coverage\` writes it anew.
${String(rows.length)} elements, ${String(rows.filter((r) => r.apart === undefined).length)} of them fields of records, ${String(rows.filter((r) => r.apart !== undefined).length)} elsewhere for the reason given. Seed lines are of the five seed documents by number.

<!-- prettier-ignore-start -->

| id | element | seed: lines | apart because | record field | FHIR path | profile | test |
|---|---|---|---|---|---|---|---|
${lines.map((line) => `| ${line} |`).join('\n')}

<!-- prettier-ignore-end -->
`
}
