import type { MapContext } from '../../src/mapping/context.ts'
import { derivedId } from '../../src/platform/ids.ts'

export const CONTEXT: MapContext = {
  sourceSystem: 'mission-test',
  derivedId: (...parts) => derivedId(...parts),
  programme: 'mission',
  zone: 'America/Chicago',
}
