import { SMTPServer } from 'smtp-server'
import type { FhirAnswer, FhirClient, FhirFailure, FhirRequest } from '../../src/delivery/fhir-client.ts'
import { createFhirPush } from '../../src/delivery/fhir-push.ts'
import { createMail } from '../../src/delivery/mail.ts'
import type { MllpSender } from '../../src/delivery/mllp-sender.ts'
import type { OutboxItem } from '../../src/delivery/outbox.ts'
import { createRestHook } from '../../src/delivery/rest-hook.ts'
import { createV2Send } from '../../src/delivery/v2-send.ts'
import type { Carrier } from '../../src/delivery/worker.ts'
import { registeredEndpoint } from '../../src/flow/subscriptions.ts'
import { acknowledge } from '../../src/formats/hl7v2/acknowledge.ts'
import { controlIdOf, parse, segmentNamed, textAt } from '../../src/formats/hl7v2/message.ts'
import type { House } from '../../src/flow/house.ts'
import { instantOfMs, msOf } from '../../src/model/time.ts'
import { problem } from '../../src/platform/problem.ts'
import { fail, ok, type Result } from '../../src/platform/result.ts'
import type { Dice } from './dice.ts'

/** How an agency behaves at the moment. */
export const MOODS = ['well', 'well', 'well', 'loses-answers', 'down', 'busy', 'lies'] as const
export type Mood = (typeof MOODS)[number]
export type Way = 'hl7v2' | 'fhir-push' | 'rest-hook' | 'email'

/** A Task as it lies on an agency's own server. */
export interface TheirTask {
  readonly resourceType: 'Task'
  readonly id: string
  readonly status: string
  readonly meta?: { readonly versionId: string; readonly lastUpdated: string }
  readonly [name: string]: unknown
}

/** One partner as it is: how it is reached, how it behaves, and what it has. */
export interface Agency {
  readonly id: string
  readonly way: Way
  mood: Mood
  /** Keys of the items that arrived, repeats included. */
  readonly arrivals: { readonly key: string; readonly seq: number; readonly lane: string }[]
  /** Texts of the v2 messages that arrived. */
  readonly messages: string[]
  /** Every version of each Task on its own server. */
  readonly tasks: Map<string, TheirTask[]>
  /** By subscription, the numbers of the events that it was told. */
  readonly told: Map<string, Set<number>>
  letters: number
}

/** What an agency with HL7 v2 takes. */
const MESSAGES = ['REF^I12', 'REF^I14', 'REF^I15', 'RRI^I12', 'RRI^I13', 'RRI^I14', 'RRI^I15', 'ADT^A40']

const WAYS: readonly Way[] = [
  'hl7v2',
  'hl7v2',
  'hl7v2',
  'hl7v2',
  'fhir-push',
  'fhir-push',
  'fhir-push',
  'rest-hook',
  'rest-hook',
  'email',
]

export const openAgencies = (): readonly Agency[] =>
  WAYS.map((way, i) => ({
    id: `agency-${String(i)}`,
    way,
    mood: 'well',
    arrivals: [],
    messages: [],
    tasks: new Map(),
    told: new Map(),
    letters: 0,
  }))

/** What the register has of an agency; nothing listens there: the simulation stands at the other end of each way. */
export const registered = ({ id, way }: Agency): Readonly<Record<string, unknown>> => ({
  id,
  name: `HTEST Agency ${id}`,
  kind: 'covered-entity',
  sector: 'hospital',
  purposes: ['TREAT'],
  scopes: ['system/*.cruds'],
  channels: [
    {
      hl7v2: { kind: 'hl7v2', host: '127.0.0.1', port: 1, version: '2.5.1', application: 'A', facility: id, messages: MESSAGES },
      'fhir-push': { kind: 'fhir-push', baseUrl: `http://127.0.0.1:1/${id}/fhir`, pollMinutes: 15 },
      'rest-hook': { kind: 'rest-hook', origin: 'http://127.0.0.1:1' },
      email: { kind: 'email', address: `${id}@agency.example` },
    }[way],
  ],
})

/** The other ends of all ways, as far as the gateway can tell from the real ones. */
export interface OtherEnds {
  readonly carriers: Readonly<Record<'hl7v2' | 'fhir-push' | 'subscription' | 'email', Carrier>>
  readonly clientFor: (baseUrl: string) => FhirClient
  /** Its staff change a Task on its own server. */
  readonly change: (agency: Agency, id: string, what: Readonly<Record<string, unknown>>) => void
  readonly close: () => Promise<void>
}

/** What a mail server says in each mood; nothing when it takes the letter. */
const MAIL_CODES: Readonly<Partial<Record<Mood, number>>> = { down: 451, busy: 451, lies: 550 }

const ACK_BY = { controlId: 'C1', time: '20260202120000', application: 'A', facility: 'A' }

export const openOtherEnds = async (house: House, agencies: readonly Agency[], dice: () => Dice): Promise<OtherEnds> => {
  const byId = new Map(agencies.map((agency) => [agency.id, agency]))
  const of = (id: string): Agency => {
    const agency = byId.get(id)
    if (agency === undefined) throw new Error(`${id} is no agency`)
    return agency
  }
  const arrive = (agency: Agency, item: OutboxItem): void => {
    agency.arrivals.push({ key: item.idempotencyKey, seq: item.seq, lane: item.orderKey })
  }
  let newest = 0
  const keep = (agency: Agency, task: TheirTask): void => {
    newest = Math.max(newest + 1, msOf(house.clock.now()))
    const before = agency.tasks.get(task.id) ?? []
    const meta = { versionId: String(before.length + 1), lastUpdated: instantOfMs(newest) }
    agency.tasks.set(task.id, [...before, { ...task, meta }])
  }

  const listener = (item: OutboxItem): MllpSender => ({
    close: () => undefined,
    send: (bytes) => {
      const agency = of(item.partner)
      const message = parse(bytes)
      if (!message.ok) throw new Error(message.error.code)
      const answer = (code: 'AA' | 'AE' | 'AR'): Awaited<ReturnType<MllpSender['send']>> =>
        ok({
          code,
          message: message.value,
          bytes: Buffer.from(acknowledge(ACK_BY, code, message.value, controlIdOf(message.value))),
        })
      if (agency.mood === 'down') return Promise.resolve(fail(problem('unavailable', 'unreachable')))
      if (agency.mood === 'busy') return Promise.resolve(answer('AE'))
      if (agency.mood === 'lies')
        return Promise.resolve(dice().oneIn(3) ? answer('AR') : fail(problem('unavailable', 'answer-missing')))
      arrive(agency, item)
      agency.messages.push(Buffer.from(bytes).toString('utf8'))
      return Promise.resolve(agency.mood === 'well' ? answer('AA') : fail(problem('unavailable', 'answer-missing')))
    },
  })

  const failure = (code: string, status: number | undefined, mayHaveArrived: boolean): Result<FhirAnswer, FhirFailure> =>
    fail({
      ...problem(status === 403 ? 'forbidden' : 'unavailable', code),
      mayHaveArrived,
      ...(status === undefined ? {} : { status }),
    })
  const bundle = (tasks: readonly TheirTask[]): Result<FhirAnswer, FhirFailure> =>
    ok({ status: 200, body: { resourceType: 'Bundle', entry: tasks.map((resource) => ({ resource })) } })
  const serve = (agency: Agency, { method, path, body }: FhirRequest, item?: OutboxItem): Result<FhirAnswer, FhirFailure> => {
    if (agency.mood === 'down') return failure('unreachable', undefined, false)
    if (agency.mood === 'busy') return failure('http-503', 503, false)
    if (agency.mood === 'lies') return failure('http-403', 403, false)
    if (method === 'POST') {
      const { entry = [] } = JSON.parse(body ?? '{}') as { entry?: readonly { readonly resource: TheirTask }[] }
      for (const { resource } of entry) if ((resource.resourceType as string) === 'Task') keep(agency, resource)
      if (item !== undefined) arrive(agency, item)
      return agency.mood === 'well' ? ok({ status: 200, body: {} }) : failure('answer-missing', undefined, true)
    }
    const history = /^Task\/([^/]+)\/_history/.exec(path)?.[1]
    if (history !== undefined) return bundle(agency.tasks.get(history) ?? [])
    const from = new URLSearchParams(path.split('?')[1]).get('_lastUpdated')?.slice(2) ?? ''
    const last = [...agency.tasks.values()].flatMap((versions) => versions.at(-1) ?? [])
    return bundle(last.filter(({ meta }) => (meta?.lastUpdated ?? '') >= from))
  }
  const clientOf = (agency: Agency, item?: OutboxItem): FhirClient => ({
    request: (request) => Promise.resolve(serve(agency, request, item)),
    nextPage: () => undefined,
  })

  const hooks = new Map<string, OutboxItem>()
  const realFetch = globalThis.fetch
  globalThis.fetch = (input, init) => {
    const item = hooks.get(input instanceof Request ? input.url : String(input))
    if (item === undefined) return realFetch(input, init)
    const agency = of(item.partner)
    if (agency.mood === 'down') return Promise.reject(new TypeError('fetch failed'))
    if (agency.mood === 'busy' || agency.mood === 'lies') return Promise.resolve(new Response('', { status: 503 }))
    arrive(agency, item)
    noteTold(
      agency,
      String(item.what['subscription']),
      typeof init?.body === 'string' ? init.body : Buffer.from(init?.body as Uint8Array).toString('utf8'),
    )
    return agency.mood === 'well' ? Promise.resolve(new Response('')) : Promise.reject(new TypeError('fetch failed'))
  }
  let writing: OutboxItem | undefined
  const mail = new SMTPServer({
    authOptional: true,
    disabledCommands: ['STARTTLS'],
    onData: (stream, _session, done) => {
      const item = writing
      stream.resume().on('end', () => {
        const agency = item === undefined ? undefined : of(item.partner)
        const code = agency === undefined ? 451 : MAIL_CODES[agency.mood]
        if (agency === undefined || item === undefined || code !== undefined) {
          done(Object.assign(new Error('not now'), { responseCode: code }))
          return
        }
        arrive(agency, item)
        agency.letters += 1
        done()
      })
    },
  })
  await new Promise<void>((resolve) => mail.listen(0, '127.0.0.1', () => resolve()))
  const address = mail.server.address()
  if (address === null || typeof address === 'string') throw new Error('the mail server has no port')
  const { db, clock } = house
  return {
    carriers: {
      hl7v2: createV2Send({ senderFor: (item) => Promise.resolve(listener(item)) }),
      'fhir-push': createFhirPush({ clientFor: (item) => Promise.resolve(clientOf(of(item.partner), item)) }),
      subscription: createRestHook({
        db,
        clock,
        endpointFor: async (item) => {
          const found = await registeredEndpoint(house, item)
          if (found === undefined) return undefined
          const url = `${found.endpoint}?item=${item.id}`
          hooks.set(url, item)
          return { url }
        },
      }),
      email: createMail({
        db,
        clock,
        server: { host: '127.0.0.1', port: address.port, from: 'gateway@mission.example' },
        addressFor: async (item) => {
          writing = item
          return (await registeredEndpoint(house, item))?.endpoint.slice('mailto:'.length)
        },
      }),
    },
    clientFor: (baseUrl) => clientOf(of(/(agency-\d)/.exec(baseUrl)?.[1] ?? '')),
    change: (agency, id, what) => {
      const last = agency.tasks.get(id)?.at(-1)
      if (last !== undefined) keep(agency, { ...last, ...what })
    },
    close: async () => {
      globalThis.fetch = realFetch
      await new Promise<void>((resolve) => mail.close(() => resolve()))
    },
  }
}

/** The number of the event that a notification tells, if it tells one. */
const noteTold = (agency: Agency, subscription: string, body: string): void => {
  const number = /"name":"event-number","valueString":"(\d+)"/.exec(body)?.[1]
  if (number === undefined) return
  const numbers = agency.told.get(subscription) ?? new Set()
  numbers.add(Number(number))
  agency.told.set(subscription, numbers)
}

/** A field of a message, by its segment. */
export const fieldOf = (message: string, segment: string, field: number): string | undefined => {
  const parsed = parse(message)
  return parsed.ok ? textAt(parsed.value, segmentNamed(parsed.value, segment), { field }) : undefined
}
