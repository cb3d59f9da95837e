import { describe, expect, test } from '@jest/globals'
import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

const at = (path: string): string => fileURLToPath(new URL(`../../${path}`, import.meta.url))

/** Plain JavaScript, for git runs it. */
const { faultsOf } = (await import(at('.githooks/subject.mjs'))) as { readonly faultsOf: (subject: string) => readonly string[] }
const { faultsOfLine, faultsOfFile } = (await import(at('.githooks/phi-scan.mjs'))) as {
  readonly faultsOfLine: (line: string) => readonly string[]
  readonly faultsOfFile: (path: string, text: string) => readonly string[]
}

/** Joined here, so that this file does not hold what it looks for. */
const joined = (...parts: readonly string[]): string => parts.join('')

describe('a line that is about to be committed', () => {
  test.each([
    [joined('ssn: "123-', '45-6789"'), 'a social security number'],
    [joined('MRN: 001', '234567'), 'a medical record number'],
    [joined('call 713-', '222-1234'), 'a telephone number'],
    [joined('(832) ', '222-1234'), 'a telephone number'],
    [joined('-----BEGIN EC PRI', 'VATE KEY-----'), 'a private key'],
    [joined('{"d":"', 'A'.repeat(43), '"}'), 'a private key'],
    [joined('AKIA', 'ABCDEFGHIJKLMNOP'), 'an access key'],
    [joined('postgres://me:hunter', '22@db/x'), 'a password in an address'],
  ])('%s', (line, what) => {
    expect(faultsOfLine(line)).toEqual([what])
  })

  test.each([
    ['a number nobody can have', '987-65-4321'],
    ['the area that is never given out', '000-12-3456'],
    ['an exchange for films', '713-555-0142'],
    ['a help line', '800-662-4357'],
    ['a date', '2026-11-21'],
    ['an address from the environment', 'postgres://$USER:$PASSWORD@host/db'],
    ['a rule of law', '42 CFR 2.31(a)(4)'],
    ['a version', '18.4.0-beta.17'],
    ['a UUID', '01935a6c-8b1e-7cc0-b8f1-222233334444'],
  ])('may hold %s', (_, line) => {
    expect(faultsOfLine(line)).toEqual([])
  })
})

describe('a person in a fixture', () => {
  const patient = '{ "resourceType": "Patient", "name": [{ "family": "HTEST-Rivera" }] }'
  test('is marked as made up', () => {
    expect(faultsOfFile('test/cases/a.json', patient)).toEqual([])
    expect(faultsOfFile('test/cases/a.json', patient.replace('HTEST-', ''))).toHaveLength(1)
    expect(faultsOfFile('test/cases/a.hl7', 'MSH|^~\\&|\nPID|1||7\n')).toHaveLength(1)
    expect(faultsOfFile('docs/page.md', patient.replace('HTEST-', ''))).toEqual([])
  })
})

describe('the subject of a commit', () => {
  test.each([
    ['consent: deny a disclosure that waited for a revocation', 0],
    ['Merge branch main', 0],
    ['fix the thing', 1],
    ['cellar: no such room', 1],
    ['consent: ends with a full stop.', 1],
    [`consent: ${'x'.repeat(70)}`, 1],
    [`nowhere: ${'x'.repeat(70)}.`, 3],
  ])('%s', (subject, faults) => {
    expect(faultsOf(subject)).toHaveLength(faults)
  })

  test('is checked by the hook itself', () => {
    const folder = mkdtempSync(join(tmpdir(), 'mission-hook-'))
    const ask = (subject: string): number | null => {
      writeFileSync(join(folder, 'message'), `${subject}\n\nbody\n`)
      return spawnSync(at('.githooks/commit-msg'), [join(folder, 'message')], { cwd: at('.') }).status
    }
    expect([ask('audit: keep the head outside'), ask('no room')]).toEqual([0, 1])
    rmSync(folder, { recursive: true })
  })
})
