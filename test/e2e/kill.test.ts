import { afterAll, expect, test } from '@jest/globals'
import { once } from 'node:events'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fetchToken, newKeys, rawGet } from '../demo/partners/post.ts'
import { gatewayCommand, startGateway, type Running } from '../demo/stage.ts'

const folder = await mkdtemp(join(tmpdir(), 'mission-kill-'))
const settings = { GATEWAY_DATA_DIR: join(folder, 'data'), GATEWAY_PORT: '0', GATEWAY_LOG_LEVEL: 'error' }
const keys = await newKeys('ES384')
let running: Running | undefined

afterAll(async () => {
  await running?.stop()
  await rm(folder, { recursive: true, force: true })
})

const token = (gateway: Running): Promise<string> =>
  fetchToken({ fhirBase: gateway.fhirBase, clientId: 'mission', keys, alg: 'ES384', scope: 'system/*.cruds', purpose: 'TREAT' })

const exampleClient = async (number: number): Promise<string> => {
  const text = await readFile(new URL('../../mappings/mission/examples/client.json', import.meta.url), 'utf8')
  return text.replaceAll('htest-0001', `htest-kill-${String(number)}`)
}

/** Posts one client after another until the gateway goes away; gives the Patients that were acknowledged. */
const postUntilKilled = async (gateway: Running, bearer: string, from: number): Promise<readonly string[]> => {
  const acknowledged: string[] = []
  for (let number = from; ; number += 1) {
    try {
      const answer = await fetch(`${gateway.origin}/mission/v1/client`, {
        method: 'POST',
        body: await exampleClient(number),
        headers: { authorization: `Bearer ${bearer}`, 'content-type': 'application/json' },
      })
      const { resources = [] } = (await answer.json()) as { resources?: readonly string[] }
      acknowledged.push(...resources.filter((reference) => reference.startsWith('Patient/')))
    } catch {
      return acknowledged
    }
  }
}

test('kill -9 at any moment loses nothing that was acknowledged, and the ledger still verifies', async () => {
  running = await startGateway(settings)
  await writeFile(
    join(folder, 'mission.json'),
    JSON.stringify({
      id: 'mission',
      name: 'HTEST programme',
      kind: ['programme', 'part2-program'],
      sector: 'mission',
      scopes: ['system/*.cruds'],
      purposes: ['TREAT'],
      jwks: { keys: [keys.publicJwk] },
    }),
  )
  await gatewayCommand(settings, 'partner', 'add', join(folder, 'mission.json'))
  const acknowledged: string[] = []
  for (const [round, afterMs] of [180, 420, 650].entries()) {
    const victim: Running = running
    const bearer = await token(victim)
    const gone = once(victim.child, 'exit')
    const posts = postUntilKilled(victim, bearer, round * 10_000)
    setTimeout(() => victim.child.kill('SIGKILL'), afterMs)
    acknowledged.push(...(await posts))
    await gone
    running = await startGateway(settings)
  }
  expect(acknowledged.length).toBeGreaterThan(3)
  const bearer = await token(running)
  for (const patient of acknowledged) expect((await rawGet(`${running.fhirBase}/${patient}`, bearer)).status).toBe(200)
  await running.stop()
  running = undefined
  await gatewayCommand(settings, 'audit', 'export', join(folder, 'ledger.jsonl'))
  const data = settings.GATEWAY_DATA_DIR
  expect(
    await gatewayCommand(
      {},
      'audit',
      'verify',
      join(folder, 'ledger.jsonl'),
      join(data, 'ledger-heads.jsonl'),
      join(data, 'keys', 'ledger.pem'),
    ),
  ).toMatch(/^verified/)
}, 180_000)
