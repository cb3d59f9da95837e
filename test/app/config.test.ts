import { describe, expect, test } from '@jest/globals'
import { readFileSync } from 'node:fs'
import { readConfig, variableNames } from '../../src/app/config.ts'

describe('a configuration that would harm does not start', () => {
  test.each<[string, Record<string, string>, RegExp]>([
    ['an unknown variable', { GATEWAY_PROT: '8080' }, /^GATEWAY_PROT is not a variable/],
    ['a port that is none', { GATEWAY_PORT: '99999' }, /^GATEWAY_PORT /],
    ['a zone that is none', { GATEWAY_ZONE: 'Mars/Base' }, /^GATEWAY_ZONE is not an IANA time zone/],
    ['plain HTTP beyond this machine', { GATEWAY_HOST: '0.0.0.0' }, /^GATEWAY_BASE_URL must be https/],
    [
      'MLLP beyond this machine without TLS',
      { GATEWAY_MLLP_HOST: '0.0.0.0', GATEWAY_MLLP_PORT: '2575', GATEWAY_MLLP_PEER: 'x' },
      /have no other lock|MLLP has no other lock/,
    ],
    ['MLLP without anything that proves the peer', { GATEWAY_MLLP_PORT: '2575' }, /a peer must be known by more than its word/],
    ['half a certificate', { GATEWAY_MLLP_TLS_CERT_FILE: 'x' }, /go together/],
    ['a database of another kind', { DATABASE_URL: 'mysql://user:secret@host/db' }, /^DATABASE_URL must be a postgres/],
    [
      'a standby of nothing',
      { DATABASE_REPLICA_URL: 'postgres://u:hunter2@host/db' },
      /^DATABASE_REPLICA_URL must be .* and go with/,
    ],
    ['a notice of another year', { GATEWAY_NOTICE: 'statement-2018' }, /^GATEWAY_NOTICE /],
  ])('%s', (_, env, says) => {
    const read = readConfig(env)
    expect(read.ok).toBe(false)
    if (!read.ok) {
      expect(read.error.some((fault) => says.test(fault))).toBe(true)
      expect(read.error.join()).not.toContain('hunter2')
    }
  })

  test('all faults at once', () => {
    const read = readConfig({ GATEWAY_PORT: 'x', GATEWAY_FOO: '1', GATEWAY_HOST: '0.0.0.0', DATABASE_URL: 'x' })
    expect(read.ok ? [] : read.error).toHaveLength(4)
  })
})

test('nothing at all is a configuration, and its secret does not print', () => {
  const database = 'postgres://u:hunter2@127.0.0.1/db'
  const read = readConfig({ DATABASE_URL: database, DATABASE_REPLICA_URL: database })
  expect(read.ok).toBe(true)
  expect(JSON.stringify(read)).not.toContain('hunter2')
  if (read.ok) expect(read.value.secrets).toMatchObject({ databaseUrl: database, replicaUrl: database })
})

test('the README has every variable, and no other', () => {
  const readme = readFileSync(new URL('../../README.md', import.meta.url), 'utf8')
  const rows = readme.split('\n').filter((line) => line.startsWith('| `GATEWAY_'))
  const named = rows.flatMap((row) => {
    const cells = [...(row.split('|')[1] ?? '').matchAll(/`([A-Z_]+)`/g)].map((found) => found[1] ?? '')
    const [first = ''] = cells
    return cells.map((name) => (name.startsWith('_') ? first.replace(/_CERT_FILE$/, name) : name))
  })
  expect([...new Set(named)].sort()).toEqual([...variableNames].sort())
})
