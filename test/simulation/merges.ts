import type { Patient } from '@medplum/fhirtypes'
import { receiveAll } from '../../src/flow/inbound.ts'
import { readRecord } from '../../src/store/records.ts'
import { fieldOf } from './agencies.ts'
import { admit, MISSION, must, type Scene } from './scene.ts'
import { header, send } from './sending.ts'
import type { Watched } from './street-checks.ts'

/** Two records that were made one, and by whose word. */
export interface Merged {
  readonly gone: string
  readonly into: string
}

/** Merges in one seed that need a client of their own: each is a file that has to be decided about. */
const INSIDE_MAX = 2

const patientOf = async ({ house }: Scene, reference: string): Promise<Patient> => {
  const stored = await readRecord(house.db, 'Patient', reference.slice('Patient/'.length))
  if (stored?.resource.resourceType !== 'Patient') throw new Error('a client is on file')
  return stored.resource
}

/** The client was taken in twice: staff find it, and link the second record to the first; or say once more what they said. */
export const mergeInside = async (scene: Scene): Promise<void> => {
  const { house, dice, name, patient, watched } = scene
  const isNew = watched.merges.length < INSIDE_MAX && (watched.merges.length === 0 || dice.oneIn(3))
  const twin = `${name}-t${String(watched.merges.length)}`
  const gone = isNew ? await admit(scene, `sim-${twin}`, twin) : dice.pick(watched.merges).gone
  const [old, kept] = [await patientOf(scene, gone), await patientOf(scene, patient)]
  const links = [...new Set([...watched.merges.map((one) => one.gone), gone])]
  const taken = await receiveAll(house, { partner: MISSION, purposes: ['TREAT'] }, [
    {
      kind: 'update',
      type: 'Patient',
      id: old.id ?? '',
      resource: { ...old, active: false, link: [{ other: { reference: patient }, type: 'replaced-by' }] },
    },
    {
      kind: 'update',
      type: 'Patient',
      id: kept.id ?? '',
      resource: { ...kept, link: links.map((reference) => ({ other: { reference }, type: 'replaces' })) },
    },
  ])
  if (!taken.ok) throw new Error(JSON.stringify(taken.error))
  if (isNew) watched.merges.push({ gone, into: patient })
}

/** An agency has had two numbers for one person, and says so. */
export const mergeOfAgency = async (scene: Scene): Promise<void> => {
  const { agencies, dice, name, watched } = scene
  const agency = dice.pick(agencies.filter(({ way }) => way === 'hl7v2'))
  const [stays, goes] = [`${name}-s${String(scene.controlId)}`, `${name}-g${String(scene.controlId)}`]
  const pid = (number: string): string => `PID|1||${number}^^^MRN^MR||HTEST-Twin^${name}||19840317|M`
  for (const number of [stays, goes])
    await send(scene, agency, `${[header(scene, 'ADT^A04'), 'EVN|A04|20260302120000', pid(number), 'PV1|1|N'].join('\r')}\r`)
  const lines = [header(scene, 'ADT^A40^ADT_A39'), 'EVN|A40|20260302120000', pid(stays), `MRG|${goes}^^^MRN^MR`]
  if ((await send(scene, agency, `${lines.join('\r')}\r`)) === 'AA') watched.merged.push({ gone: goes, into: stays })
}

/**
 * Both records of every merge stay, and say where the other is. It is told at most once to each agency, by a message that names both,
 * and to each that takes it where nobody took a consent back.
 */
export const checkMerges = async ({ house, agencies, merges, merged, wasRevoked, isHealed }: Watched): Promise<void> => {
  for (const { gone, into } of merged) {
    const rows = await house.db.query<{ number: string; link: string }>(
      `select body::jsonb -> 'identifier' -> 0 ->> 'value' as number, body::jsonb -> 'link' -> 0 ->> 'type' as link
       from record where type = 'Patient' and is_current and not is_deleted and body::jsonb -> 'identifier' -> 0 ->> 'value' = any($1)`,
      [[gone, into]],
    )
    const links = Object.fromEntries(rows.map(({ number, link }) => [number, link]))
    must(links[gone] === 'replaced-by' && links[into] === 'replaces', 'a merge that was acknowledged is on both records')
  }
  for (const agency of agencies) {
    const told = agency.messages.filter((text) => fieldOf(text, 'MRG', 1) !== undefined)
    const numbers = new Map(told.map((text) => [fieldOf(text, 'MSH', 10), fieldOf(text, 'MRG', 1)]))
    must(new Set(numbers.values()).size === numbers.size, `${agency.id} is told of a merge by one message`)
    for (const { gone, into } of merges)
      if (isHealed === true && wasRevoked !== true && agency.way === 'hl7v2')
        must(
          agency.arrivals.some(({ key }) => key === `${gone} into ${into} ADT^A40`),
          `${agency.id} heard of a merge of two whom it knows`,
        )
  }
}
