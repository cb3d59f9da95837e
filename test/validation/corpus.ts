import { v5 } from 'uuid'
import { typeOfExample } from '../../mappings/mission/examples.ts'
import { recordTypes } from '../../mappings/mission/record-types.ts'
import type { MapContext } from '../../src/mapping/context.ts'
import { isObject } from '../../src/validation/fhirpath-values.ts'
import { jsonOf, namesIn } from './definitions.ts'

/** Ids as the gateway derives them, from a fixed name space. */
export const context: MapContext = {
  sourceSystem: 'urn:example:mission',
  derivedId: (system, type, key) => v5(`${system}|${type}|${key}`, '6ba7b811-9dad-11d1-80b4-00c04fd430c8'),
  programme: 'mission',
  zone: 'America/Chicago',
}

type Json = Readonly<Record<string, unknown>>

/** A resource as JSON of this realm, as it would come over the wire. */
export const plain = (resource: object): Json => {
  const copy: unknown = JSON.parse(JSON.stringify(resource))
  return isObject(copy) ? copy : {}
}

const folder = 'mappings/mission/examples'

/** Everything that the example records become, as plain JSON of this realm. */
export const CORPUS: readonly Json[] = namesIn(folder).flatMap((name) => {
  const type = recordTypes[typeOfExample(name)]
  if (!type) throw new Error(`no record type for ${name}`)
  const record = type.schema.parse(jsonOf(`${folder}/${name}`))
  return type.toFhir(record, context).map(plain)
})
