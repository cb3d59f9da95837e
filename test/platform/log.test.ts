import { describe, expect, test } from '@jest/globals'
import { DbError } from '../../src/platform/db.ts'
import { EVENTS } from '../../src/platform/log-events.ts'
import { framesOf, openLog } from '../../src/platform/log.ts'
import type { Log } from '../../src/platform/log.ts'

const logged = (say: (log: Log) => void, level?: 'debug' | 'info' | 'warn' | 'error'): readonly Record<string, unknown>[] => {
  const lines: string[] = []
  say(openLog({ write: (line: string) => lines.push(line) }, level))
  return lines.map((line) => JSON.parse(line) as Record<string, unknown>)
}

/** What somebody may pass who got round the compiler: the log checks again. */
const anything = (fields: unknown): never => fields as never

const answered = { method: 'GET', route: '/fhir/:type/:id', status: 200, durationMs: 1.2345 }

describe('a line of the log', () => {
  test('holds the event and its fields, and nothing that was not listed', () => {
    const [line] = logged((log) =>
      log('http.answered', anything({ ...answered, partner: 'st-mary-hospital', patient: 'ZZCANARY' })),
    )
    expect(line).toEqual({
      level: 'info',
      time: expect.any(Number) as unknown,
      event: 'http.answered',
      ...answered,
      durationMs: 1.23,
      partner: 'st-mary-hospital',
    })
  })

  test.each([
    ['words in place of a code', { ...answered, route: 'Patient ZZCANARY' }, 'route'],
    ['a query string', { ...answered, route: '/fhir/Patient?name=ZZCANARY' }, 'route'],
    ['an object', { ...answered, method: { name: 'ZZCANARY' } }, 'method'],
    ['a text in place of a count', { ...answered, status: 'ZZCANARY' }, 'status'],
    ['words in place of an id', { ...answered, partner: 'the ZZCANARY clinic' }, 'partner'],
  ])('does not hold %s', (_, fields, name) => {
    const [line] = logged((log) => log('http.answered', anything(fields)))
    expect(line?.[name]).toBe('unfit')
    expect(JSON.stringify(line)).not.toContain('ZZCANARY')
  })

  test('is left out below the level', () => {
    const say = (log: Log): void => {
      log('gateway.stopping', { signal: 'SIGTERM' })
      log('database.lost', {})
    }
    expect(logged(say, 'warn').map(({ event }) => event)).toEqual(['database.lost'])
  })

  test('cannot be free text, as far as the compiler sees', () => {
    const refused = (log: Log): void => {
      // @ts-expect-error no free text
      log('gateway.stopping', { signal: 'SIGTERM', message: 'anything' })
      // @ts-expect-error no event that is not listed
      log('something.happened', {})
      // @ts-expect-error no field left out
      log('gateway.stopping', {})
    }
    expect(refused).toBeInstanceOf(Function)
  })
})

test('the frames of an error say where it came from, and not what it said', () => {
  const frames = framesOf(new Error('ZZCANARY (file:///ZZCANARY:1:1)\n    at ZZCANARY (/a/ZZCANARY.ts:1:1)'))
  expect(frames.join('\n')).toContain('log.test.ts')
  expect(frames.join('\n')).not.toContain('ZZCANARY')
  expect(framesOf('not an error')).toEqual([])
  expect(framesOf(new DbError('fault', '42703'))).not.toEqual([])
})

test('every event is named after its room, and every field has a unit or a kind', () => {
  for (const [event, { fields }] of Object.entries(EVENTS)) {
    expect(event).toMatch(/^[a-z0-9]+(\.[a-z0-9-]+)+$/)
    for (const [name, kind] of Object.entries(fields)) if (kind.startsWith('durationMs')) expect(name).toMatch(/Ms$/)
  }
})
