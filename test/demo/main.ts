import { rm } from 'node:fs/promises'
import { openStage } from './stage.ts'
import { nobodySeesAnything } from './steps/absence.ts'
import { consentIsRevoked, recordsAreRead } from './steps/disclosure.ts'
import { ledgerIsChecked } from './steps/ledger.ts'
import { consentsComeIn, recordsComeIn } from './steps/records.ts'
import { referralsGoOut } from './steps/referrals.ts'
import { openWorld, type World } from './world.ts'

/**
 * `npm run demo`: the main job end to end, with four partners in processes of their own.
 * `npm run demo -- --keep` leaves everything up until Ctrl-C, and prints addresses and a request to try.
 */
const stage = openStage()
const isKept = process.argv.includes('--keep')

const play = async (world: World): Promise<void> => {
  const cast = await recordsComeIn(world, stage)
  await nobodySeesAnything(world, cast, stage)
  await consentsComeIn(world, stage)
  await referralsGoOut(world, cast, stage)
  await recordsAreRead(world, cast, stage)
  await consentIsRevoked(world, cast, stage)
  await ledgerIsChecked(world, cast, stage)
}

const printAddresses = (world: World): void => {
  stage.say('')
  stage.say(`FHIR     ${world.gateway.fhirBase}`)
  stage.say(`records  ${world.gateway.origin}/mission/v1   (OpenAPI: ${world.gateway.origin}/openapi.json)`)
  stage.say(`MLLP     127.0.0.1:${String(world.gateway.mllpPort)} (mutual TLS, authority ${world.folder}/ca.pem)`)
  stage.say(`data     ${world.folder}`)
  stage.say(
    `try      curl -s -H 'Authorization: Bearer ${world.programme.token}' '${world.gateway.fhirBase}/CarePlan?_include=CarePlan:goal'`,
  )
  stage.say('         (as the programme, for the next minutes; every answer goes on the ledger)')
  stage.say('Ctrl-C ends it.')
}

const untilStopped = (): Promise<void> =>
  new Promise((resolve) => {
    const alive = setInterval(() => undefined, 60_000)
    const stop = (): void => {
      clearInterval(alive)
      resolve()
    }
    process.once('SIGINT', stop)
    process.once('SIGTERM', stop)
  })

const world = await openWorld(stage)
try {
  await play(world).catch((error: unknown) => {
    stage.held('the story runs to its end', false, error instanceof Error ? error.message : String(error))
  })
  if (isKept) {
    printAddresses(world)
    await untilStopped()
  }
} finally {
  await world.close()
  if (!isKept) await rm(world.folder, { recursive: true, force: true })
}
const { held, failed } = stage.score()
process.stdout.write(`\ndemo: ${String(held)} held, ${String(failed)} failed\n`)
process.exit(failed === 0 ? 0 : 1)
