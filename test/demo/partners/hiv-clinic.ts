// The HIV clinic: a FHIR REST server to which the gateway pushes, and a client that answers on the gateway's Task.
import { fhirClientVerbs } from './fhir-client.ts'
import { startFhirServer } from './fhir-server.ts'
import { serve } from './post.ts'

const server = await startFhirServer()

serve({
  ...(await fhirClientVerbs('montrose-hiv', 'ES384')),
  address: () => Promise.resolve(server.url),
  received: ({ type }) => server.received(String(type)),
})
