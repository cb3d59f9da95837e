// The hospital's EHR: pulls with SMART Backend Services through fhir-kit-client, and has a FHIR inbox for referrals.
import { fhirClientVerbs } from './fhir-client.ts'
import { startFhirServer } from './fhir-server.ts'
import { serve } from './post.ts'

const server = await startFhirServer()

serve({
  ...(await fhirClientVerbs('st-mary-hospital', 'RS384')),
  address: () => Promise.resolve(server.url),
  received: ({ type }) => server.received(String(type)),
  setDown: ({ down }) => {
    server.setDown(down === true)
    return Promise.resolve(down)
  },
})
