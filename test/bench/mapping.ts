import { readFileSync } from 'node:fs'
import { pathToFileURL } from 'node:url'
import { cohort } from '../../mappings/mission/cohort.ts'
import { recordTypes } from '../../mappings/mission/record-types.ts'
import { derivedId } from '../../src/platform/ids.ts'

const WARM_UP = 5_000
const ROUNDS = 5
const IN_A_ROUND = 4_000

/** Treatment plans that one second of processor time maps to FHIR, when everything is warm. */
const PLANS_TARGET = 20_000

/** Treatment plans to FHIR and back, and synthetic clients, by each second of processor time. One figure on each line. */
export const benchMapping = (): readonly string[] => {
  const type = recordTypes['treatment-plan']
  if (type === undefined) return []
  const plan: unknown = JSON.parse(
    readFileSync(new URL('../../mappings/mission/examples/treatment-plan.json', import.meta.url), 'utf8'),
  )
  const context = {
    sourceSystem: 'bench',
    derivedId,
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
  const begun = process.cpuUsage()
  let records = 0
  for (const client of cohort(1, clients)) records += client.records.length
  const cohortSeconds = secondsSince(begun)
  const plans = perSecond(toFhir)
  return [
    `treatment plans to FHIR: ${String(plans)} a second, ${String(whole.length)} resources each; target ${String(PLANS_TARGET)}: ${plans < PLANS_TARGET ? 'NOT MET' : 'met'}`,
    `treatment plans parsed and to FHIR: ${String(
      perSecond(() => {
        parse()
        toFhir()
      }),
    )} a second`,
    `treatment plans from FHIR: ${String(perSecond(back))} a second`,
    `synthetic clients: ${String(Math.round(clients / cohortSeconds))} a second, ${String(Math.round(records / clients))} records each`,
    `(made ${String(resources)} resources)`,
  ]
}

/** Processor time, not time on the wall: the figure stands on a machine that others use as well. */
const secondsSince = (begun: NodeJS.CpuUsage): number => {
  const { user, system } = process.cpuUsage(begun)
  return (user + system) / 1e6
}

/** The best of some rounds: what disturbs can only slow down. */
const perSecond = (work: () => void): number => {
  for (let i = 0; i < WARM_UP; i += 1) work()
  let best = 0
  for (let round = 0; round < ROUNDS; round += 1) {
    const begun = process.cpuUsage()
    for (let i = 0; i < IN_A_ROUND; i += 1) work()
    best = Math.max(best, IN_A_ROUND / secondsSince(begun))
  }
  return Math.round(best)
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) process.stdout.write(`${benchMapping().join('\n')}\n`)
