import { readFileSync } from 'node:fs'
import { pathToFileURL } from 'node:url'
import { cohort } from '../../mappings/mission/cohort.ts'
import { recordTypes } from '../../mappings/mission/record-types.ts'
import { derivedId } from '../../src/platform/ids.ts'

const WARM_UP = 1_000
const ROUNDS = 5_000

/** Treatment plans a second to FHIR, and back; and synthetic clients a second. One figure on each line. */
export const benchMapping = (): readonly string[] => {
  const type = recordTypes['treatment-plan']
  if (type === undefined) return []
  const plan: unknown = JSON.parse(
    readFileSync(new URL('../../mappings/mission/examples/treatment-plan.json', import.meta.url), 'utf8'),
  )
  const context = {
    sourceSystem: 'bench',
    derivedId: (...parts: [string, string, string]) => derivedId(...parts),
    programme: 'mission',
    zone: 'America/Chicago',
  }
  const record = type.schema.parse(plan)
  let resources = 0
  const toFhir = (): void => {
    resources += type.toFhir(record, context).length
  }
  const parse = (): void => {
    type.schema.parse(plan)
  }
  const whole = type.toFhir(record, context)
  const patient = recordTypes['client']?.toFhir({ recordId: 'htest-0001', clientId: 'htest-0001' }, context) ?? []
  const back = (): void => {
    type.fromFhir([...whole, ...patient])
  }
  const clients = 2_000
  const begun = process.hrtime.bigint()
  let records = 0
  for (const client of cohort(1, clients)) records += client.records.length
  const cohortSeconds = Number(process.hrtime.bigint() - begun) / 1e9
  return [
    `treatment plans to FHIR: ${perSecond(toFhir)} a second, ${String(whole.length)} resources each`,
    `treatment plans parsed and to FHIR: ${perSecond(() => {
      parse()
      toFhir()
    })} a second`,
    `treatment plans from FHIR: ${perSecond(back)} a second`,
    `synthetic clients: ${String(Math.round(clients / cohortSeconds))} a second, ${String(Math.round(records / clients))} records each`,
    `(made ${String(resources)} resources)`,
  ]
}

const perSecond = (work: () => void): string => {
  for (let i = 0; i < WARM_UP; i += 1) work()
  const begun = process.hrtime.bigint()
  for (let i = 0; i < ROUNDS; i += 1) work()
  return String(Math.round(ROUNDS / (Number(process.hrtime.bigint() - begun) / 1e9)))
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) process.stdout.write(`${benchMapping().join('\n')}\n`)
