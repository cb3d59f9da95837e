// What each partner does as a FHIR client of the gateway: SMART Backend Services, then fhir-kit-client.
import { Client, type FhirResource } from 'fhir-kit-client'
import { fetchToken, newKeys, rawGet, type Verbs } from './post.ts'

type Patch = Parameters<Client['patch']>[0]['jsonPatch']

/**
 * @param clientId id under which the partner is registered at the gateway
 * @param alg with which it signs its assertions
 */
export const fhirClientVerbs = async (clientId: string, alg: 'ES384' | 'RS384'): Promise<Verbs> => {
  const keys = await newKeys(alg)
  let fhirBase = ''
  let token = ''
  const client = (): Client => new Client({ baseUrl: fhirBase, bearerToken: token })
  return {
    keys: () => Promise.resolve(keys.publicJwk),
    connect: async ({ base, scope, purpose }) => {
      fhirBase = String(base)
      token = await fetchToken({ fhirBase, clientId, keys, alg, scope: String(scope), purpose: String(purpose) })
      return 'connected'
    },
    /** Asks for a path as it stands; the whole answer comes back, headers too. */
    ask: ({ path, init }) => rawGet(`${fhirBase}${String(path)}`, token, init ?? {}),
    search: ({ type, params }) => client().search({ resourceType: String(type), searchParams: params as Record<string, string> }),
    read: ({ type, id }) => client().read({ resourceType: String(type), id: String(id) }),
    patch: ({ type, id, operations }) =>
      client().patch({ resourceType: String(type), id: String(id), jsonPatch: operations as Patch }),
    create: ({ resource }) => {
      const body = resource as FhirResource
      return client().create({ resourceType: body.resourceType, body })
    },
    /** Follows a `next` link of the gateway, and of nobody else. */
    next: ({ url }) => {
      if (!String(url).startsWith(new URL(fhirBase).origin)) throw new Error('the link leads elsewhere')
      return rawGet(String(url), token)
    },
  }
}
