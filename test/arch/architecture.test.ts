import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { cpSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

const checkout = fileURLToPath(new URL('../..', import.meta.url))

interface Findings {
  readonly modules: number
  readonly breaches: readonly { readonly rule: string; readonly from: string; readonly sentence?: string }[]
  readonly warnings: Findings['breaches']
  readonly unseen: readonly string[]
}

const script: string = '../support/arch.mjs'
/** Plain JavaScript, for it also runs alone, so its types are said here. */
const { checkArchitecture } = (await import(script)) as {
  readonly checkArchitecture: (root: string, exclude?: string) => Promise<Findings>
}

/** A house in small in which everything is in order: main wires up all that follows. */
const SOUND: Readonly<Record<string, string>> = {
  'src/main.ts': `import './app/gateway.ts'\n`,
  'src/app/gateway.ts': `import '../http/server.ts'\nimport '../worker/jobs.ts'\nimport '../platform/db.ts'\n`,
  'src/http/server.ts': `import 'express'\nimport '../flow/outbound.ts'\nimport '../model/ask.ts'\n`,
  'src/disclosure/seal.ts': `export class Disclosure {}\n`,
  'src/worker/jobs.ts': `import '../flow/outbound.ts'\nimport type { Disclosure } from '../disclosure/seal.ts'\nexport type D = Disclosure\nimport '../platform/result.ts'\n`,
  'src/flow/outbound.ts': `import '../consent/decide.ts'\nimport '../mapping/map.ts'\nimport '../store/find.ts'\nimport '../formats/json.ts'\n`,
  'src/consent/decide.ts': `import '../model/ask.ts'\nimport 'zod'\nimport type { Consent } from '@medplum/fhirtypes'\nexport type C = Consent\n`,
  'src/mapping/map.ts': `import '../../mappings/rows.ts'\n`,
  'src/store/find.ts': `import 'node:fs'\nimport '../platform/db.ts'\n`,
  'src/formats/json.ts': `import '../platform/result.ts'\n`,
  'src/model/ask.ts': `export const ask = 1\n`,
  'src/platform/db.ts': `import 'pg'\n`,
  'src/platform/result.ts': `export const ok = 1\n`,
  'mappings/rows.ts': `export const rows = []\n`,
}

/** One import that may not be, in a file beside the sound ones, and the rule that has to speak. */
const BREACHES: readonly (readonly [file: string, imported: string, rule: string])[] = [
  ['src/consent/a.ts', '../store/find.ts', 'room-consent'],
  ['src/store/a.ts', '../consent/decide.ts', 'room-store'],
  ['src/mapping/a.ts', '../formats/../flow/outbound.ts', 'room-mapping'],
  ['src/audit/a.ts', '../store/find.ts', 'room-audit'],
  ['src/delivery/a.ts', '../http/server.ts', 'room-delivery'],
  ['src/delivery/b.ts', '../disclosure/seal.ts', 'seal-is-a-type-outside'],
  ['src/http/b.ts', '../disclosure/seal.ts', 'seal-is-a-type-outside'],
  ['src/cli/b.ts', '../app/gateway.ts', 'only-wiring-knows-everybody'],
  ['src/flow/a.ts', '../http/server.ts', 'flow'],
  ['src/http/a.ts', '../store/find.ts', 'door-http'],
  ['src/worker/a.ts', '../consent/decide.ts', 'door-worker'],
  ['src/cli/a.ts', '../store/find.ts', 'door-cli'],
  ['src/platform/a.ts', '../store/find.ts', 'cellar-looks-up'],
  ['src/model/a.ts', '../platform/db.ts', 'model-is-words'],
  ['src/platform/b.ts', '../formats/json.ts', 'platform-knows-no-format'],
  ['mappings/a.ts', '../src/store/find.ts', 'mappings-are-rows'],
  ['src/flow/b.ts', '../app/gateway.ts', 'only-wiring-knows-everybody'],
  ['src/labelling/a.ts', '../platform/db.ts', 'pure-no-machinery'],
  ['src/consent/b.ts', 'node:fs', 'pure-no-core'],
  ['src/disclosure/a.ts', 'node:crypto', 'pure-no-core'],
  ['src/formats/a.ts', 'node:net', 'pure-no-core'],
  ['mappings/b.ts', 'node:fs', 'pure-no-core'],
  ['src/validation/a.ts', 'jose', 'pure-npm'],
  ['src/store/b.ts', 'pg', 'pg-in-platform'],
  ['src/intake/a.ts', 'pino', 'pino-in-platform'],
  ['src/worker/b.ts', 'express', 'express-in-http'],
  ['src/intake/b.ts', '../../test/helper.ts', 'no-test-in-product'],
  ['src/intake/c.ts', 'fast-check', 'no-dev-package-in-product'],
  ['src/intake/d.ts', './gone.ts', 'unresolved'],
]

let root: string

beforeAll(() => {
  root = mkdtempSync(join(tmpdir(), 'mission-arch-'))
  symlinkSync(join(checkout, 'node_modules'), join(root, 'node_modules'))
  for (const name of ['package.json', 'tsconfig.json']) cpSync(join(checkout, name), join(root, name))
})

afterAll(() => rmSync(root, { recursive: true }))

const write = (files: Readonly<Record<string, string>>): void => {
  for (const folder of ['src', 'mappings', 'test']) rmSync(join(root, folder), { recursive: true, force: true })
  for (const [file, text] of Object.entries(files)) {
    mkdirSync(dirname(join(root, file)), { recursive: true })
    writeFileSync(join(root, file), text)
  }
}

describe('the check of imports', () => {
  test('says nothing of a house in order', async () => {
    write(SOUND)
    expect(await checkArchitecture(root)).toMatchObject({ breaches: [], warnings: [], unseen: [] })
  })

  test('finds each planted breach, by its rule and with a sentence', async () => {
    const planted = Object.fromEntries(BREACHES.map(([file, imported]) => [file, `import '${imported}'\n`]))
    write({ ...SOUND, ...planted, 'test/helper.ts': 'export const help = 1\n' })
    const { breaches } = await checkArchitecture(root)
    for (const [file, imported, rule] of BREACHES) {
      const found = breaches.filter(({ from }) => from === file)
      expect({ file, imported, rules: found.map((breach) => breach.rule) }).toMatchObject({
        rules: expect.arrayContaining([rule]) as unknown,
      })
      for (const { sentence } of found) expect(sentence?.length).toBeGreaterThan(20)
    }
  })

  test('finds a circle, also one of types alone', async () => {
    write({
      ...SOUND,
      'src/consent/decide.ts': `import type { B } from './b.ts'\nexport type A = B\n`,
      'src/consent/b.ts': `import type { A } from './decide.ts'\nexport type B = A | 1\n`,
    })
    const { breaches } = await checkArchitecture(root)
    expect(breaches.map(({ rule }) => rule)).toContain('no-cycle')
  })

  test('finds a module that nobody imports, and warns of one that no door leads to', async () => {
    write({
      ...SOUND,
      'src/consent/forgotten.ts': 'export const forgotten = 1\n',
      'src/consent/later.ts': `import '../model/ask.ts'\n`,
    })
    const { breaches, warnings } = await checkArchitecture(root)
    expect(breaches).toMatchObject([{ rule: 'no-orphan', from: 'src/consent/forgotten.ts' }])
    expect(warnings.map(({ from }) => from).sort()).toEqual(['src/consent/forgotten.ts', 'src/consent/later.ts'])
  })

  test('does not take what it has not seen for sound', async () => {
    write(SOUND)
    expect((await checkArchitecture(root, '^src/consent')).unseen).toEqual(['src/consent/decide.ts'])
  })
})
