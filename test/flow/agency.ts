import { jwtVerify, type JWTPayload } from 'jose'
import { generateKeyPairSync } from 'node:crypto'
import { once } from 'node:events'
import { writeFile } from 'node:fs/promises'
import { createServer, type IncomingMessage } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'

type Resource = Readonly<Record<string, unknown>> & { readonly resourceType: string; readonly id: string }

/** A partner's own FHIR server on the loopback: it gives tokens to whom it knows, takes what is pushed, and keeps every version. */
export interface Agency {
  readonly channel: Readonly<Record<string, unknown>>
  /** Every version of a Task that it has, oldest first. */
  readonly versions: Map<string, Resource[]>
  /** What it was asked, with the scope of the token. */
  readonly asked: string[]
  /** Its staff change a Task. */
  readonly change: (id: string, what: Readonly<Record<string, unknown>>) => void
  /** Answers every question with this status, until it is told otherwise. */
  answerWith: (status: number | undefined) => void
  /** Answers every write so, until it is told otherwise: it holds another version. */
  refuseWrites: (status: number | undefined) => void
  /** Keeps no history for anybody to ask. */
  forgetHistory: (isForgotten: boolean) => void
  close: () => Promise<void>
}

const bodyOf = async (request: IncomingMessage): Promise<string> => {
  const parts: Buffer[] = []
  for await (const part of request) parts.push(part as Buffer)
  return Buffer.concat(parts).toString('utf8')
}

/** Opens it; our key lies in `folder`, as an operator would put it there. */
export const openAgency = async (folder: string, more: Readonly<Record<string, unknown>> = {}): Promise<Agency> => {
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-384' })
  const keyFile = join(folder, 'agency-key.pem')
  await writeFile(keyFile, privateKey.export({ type: 'pkcs8', format: 'pem' }))
  const versions = new Map<string, Resource[]>()
  const tokens = new Map<string, string>()
  const asked: string[] = []
  let refusing: number | undefined
  let refusingWrites: number | undefined
  let isForgotten = false
  let moment = Date.now()
  const tick = (): string => new Date((moment = Math.max(moment + 1000, Date.now()))).toISOString()
  const keep = (resource: Resource): void => {
    const key = `${resource.resourceType}/${resource.id}`
    const before = versions.get(key) ?? []
    versions.set(key, [...before, { ...resource, meta: { versionId: String(before.length + 1), lastUpdated: tick() } }])
  }
  const bundle = (resources: readonly Resource[]): object => ({
    resourceType: 'Bundle',
    type: 'searchset',
    entry: resources.map((resource) => ({ resource })),
  })
  const token = async (body: string): Promise<object | undefined> => {
    const form = new URLSearchParams(body)
    const proved: { payload: JWTPayload } | undefined = await jwtVerify(form.get('client_assertion') ?? '', publicKey, {
      issuer: 'mission-gateway',
    }).catch(() => undefined)
    if (proved === undefined) return undefined
    const access = `T${String(tokens.size)}`
    tokens.set(access, form.get('scope') ?? '')
    return { access_token: access, token_type: 'bearer', expires_in: 300 }
  }
  const answer = (url: URL, body: string): [number, unknown] => {
    if (body !== '') {
      const { entry = [] } = JSON.parse(body) as { entry?: { resource: Resource }[] }
      for (const { resource } of entry) keep(resource)
      return [200, { resourceType: 'Bundle', type: 'transaction-response' }]
    }
    const history = /Task\/([^/]+)\/_history$/.exec(url.pathname)?.[1]
    if (history !== undefined)
      return isForgotten ? [404, {}] : [200, bundle([...(versions.get(`Task/${history}`) ?? [])].reverse())]
    const from = (url.searchParams.get('_lastUpdated') ?? '').replace(/^ge/, '')
    const last = [...versions.values()].flatMap((all) => all.at(-1) ?? []).filter(({ resourceType }) => resourceType === 'Task')
    return [200, bundle(last.filter(({ meta }) => (meta as { lastUpdated: string }).lastUpdated >= from))]
  }
  const server = createServer((request, response) => {
    const answering = async (): Promise<void> => {
      const url = new URL(request.url ?? '/', 'http://127.0.0.1')
      const body = await bodyOf(request)
      const scope = tokens.get((request.headers.authorization ?? '').slice('Bearer '.length))
      const say = (status: number, what: unknown): void => {
        response.writeHead(status, { 'content-type': 'application/fhir+json' }).end(JSON.stringify(what))
      }
      if (url.pathname === '/token') {
        const given = await token(body)
        say(given === undefined ? 401 : 200, given ?? {})
        return
      }
      if (scope === undefined) {
        say(401, {})
        return
      }
      asked.push(`${request.method ?? ''} ${url.pathname}${url.search === '' ? '' : '?'} ${scope}`)
      const refused = refusing ?? (body === '' ? undefined : refusingWrites)
      if (refused !== undefined) say(refused, { resourceType: 'OperationOutcome' })
      else say(...answer(url, body))
    }
    answering().catch(() => response.destroy())
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const origin = `http://127.0.0.1:${String((server.address() as AddressInfo).port)}`
  return {
    channel: {
      kind: 'fhir-push',
      baseUrl: `${origin}/fhir`,
      tokenUrl: `${origin}/token`,
      clientId: 'mission-gateway',
      keyFile,
      ...more,
    },
    versions,
    asked,
    change: (id, what) => {
      const last = versions.get(`Task/${id}`)?.at(-1)
      if (last === undefined) throw new Error(`the agency has no Task ${id}`)
      keep({ ...last, ...what })
    },
    answerWith: (status) => {
      refusing = status
    },
    refuseWrites: (status) => {
      refusingWrites = status
    },
    forgetHistory: (is) => {
      isForgotten = is
    },
    close: async () => {
      server.close()
      server.closeAllConnections()
      await once(server, 'close')
    },
  }
}
