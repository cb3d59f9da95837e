import { existsSync } from 'node:fs'
import { startEmbedded } from '../../src/platform/postgres.ts'
import { testDataDir } from './database.ts'

/** After the last test of a run: stops the tests' server, unless another run still uses it. */
export default async (): Promise<void> => {
  if (!existsSync(testDataDir)) return
  const server = await startEmbedded({ dataDir: testDataDir })
  await server.stop()
}
