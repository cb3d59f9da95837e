import { receiveMessage } from '../../src/flow/messages.ts'
import { fieldOf, type Agency } from './agencies.ts'
import type { Scene } from './scene.ts'

/** The header of an agency's next message. */
export const header = (scene: Scene, type: string): string =>
  `MSH|^~\\&|A|A|MISSION-GATEWAY|MISSION|20260302120000-0600||${type}|${scene.name}-${String((scene.controlId += 1))}|P|2.5.1`

/** An agency sends a message, and notes what it was answered. */
export const send = async ({ house, watched, sentTwice }: Scene, agency: Agency, text: string): Promise<string> => {
  const peer = await house.partners.byId(agency.id)
  if (peer === undefined) throw new Error('an agency is registered')
  const bytes = Buffer.from(text)
  const answer = Buffer.from(await receiveMessage(house, peer, bytes)).toString('utf8')
  if (fieldOf(answer, 'MSA', 1) === 'AA') watched.acknowledged.add(`${agency.id} ${fieldOf(text, 'MSH', 10) ?? ''}`)
  sentTwice.push({ agency, bytes, answer })
  return fieldOf(answer, 'MSA', 1) ?? ''
}
