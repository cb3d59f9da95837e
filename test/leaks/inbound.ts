import { createMllpSender } from '../../src/delivery/mllp-sender.ts'

/** Messages that a clinic sends in, with a canary in every field that a sender may fill, and what they were answered. */
export interface Inbound {
  readonly canaries: readonly string[]
  readonly sent: number
  /** Code of MSA-1 to how often it was given. */
  readonly codes: Readonly<Record<string, number>>
  readonly answers: readonly string[]
}

/** Who a message is about, as its sender writes it. */
interface About {
  readonly pid: string
  /** RF1-6 of a referral of ours to the clinic. */
  readonly referral: string
}

/** Fields of each segment. @spec HL7 v2.8 */
const FIELDS: Readonly<Record<string, number>> = {
  EVN: 7, PID: 39, PV1: 52, PV2: 47, NK1: 39, AL1: 6, DG1: 26, OBR: 50, OBX: 25, NTE: 4, ORC: 31, SCH: 27, RGS: 3, AIS: 12, AIL: 12, AIP: 12,
  PRB: 28, GOL: 21, RF1: 24, PRD: 14, AUT: 30, IN1: 53,
} // prettier-ignore

type Message = readonly [type: string, ...segments: readonly string[]]

const messagesAbout = ({ pid, referral }: About, n: string): readonly Message[] => [
  ['ADT^A04^ADT_A01', 'EVN|A04|20260202', pid, `PV1|1|O|${'|'.repeat(15)}V-${n}^^^BAYOU`, 'AL1|1|DA|70618^Penicillin^RXNORM', 'DG1|1||J45.909^Asthma^I10'],
  ['ADT^A08^ADT_A01', 'EVN|A08|20260202', pid, 'NK1|1|HTEST-Doe^Kim|MTH', 'PV1|1|O', 'PV2||', 'IN1|1|P1|C1'],
  ['ORU^R01^ORU_R01', pid, `OBR|1|OR-${n}|LAB-${n}|24323-8^Panel^LN|||20260203080000-0600${'|'.repeat(15)}20260203090000-0600||LAB|F`, 'NTE|1||as ordered', 'OBX|1|NM|2951-2^Sodium^LN||140|mmol/L|136-145|N|||F', 'NTE|1||checked'],
  ['ORU^R01^ORU_R01', pid, `OBR|1|OT-${n}|LAT-${n}|11488-4^Consult note^LN|||20260203080000-0600${'|'.repeat(15)}20260203090000-0600||LAB|F`, 'OBX|1|TX|11488-4^Consult note^LN||seen||||||F'],
  ['SIU^S12^SIU_S12', `SCH|AP-${n}|AP-${n}F||||^visit|FIRST^First visit^L|ROUTINE|||^^60^202602100900-0600^202602101000-0600||||||||||||||Booked|${referral}`, pid, 'RGS|1', 'AIS|1||COUNSEL^Visit^L', 'AIL|1||ROOM', 'AIP|1||777^HTEST-House^Greg', 'NTE|1||bring papers'],
  ['PPR^PC1^PPR_PC1', pid, `PRB|AD|20260203|J45.909^Asthma^I10|PROB-${n}`, 'NTE|1||since youth', `GOL|AD|20260203|BREATHE^Breathes^L|GOAL-${n}`],
  ['OMG^O19^OMG_O19', pid, `ORC|SC|${referral}|||IP`, `OBR|1|${referral}|LAB-${n}|11488-4^Consult note^LN|||20260210||||||||||||||||||||F`, 'OBX|1|TX|11488-4^Consult note^LN||attended||||||F'],
  ['OSU^O51^OSU_O51', pid, `ORC|SC|${referral}|||IP`],
  ['REF^I12^REF_I12', `RF1|P|R|GRF|||IN-${n}|20260202`, 'PRD|RP|HTEST-Sender^Kim', 'PRD|RT|MISSION', pid, 'DG1|1||J45.909^Asthma^I10', 'NTE|1||please see', 'OBR|1|||24323-8^Panel^LN', 'OBX|1|TX|11488-4^Note^LN||seen||||||F'],
  ['RRI^I12^RRI_I12', `RF1|A|||||${referral}`, 'PRD|RT|HTEST-Clinic', pid, 'DG1|1||J45.909^Asthma^I10', 'NTE|1||she may come'],
] // prettier-ignore

class Canaries {
  #next = 90_000
  readonly made: string[] = []
  make(): string {
    this.#next += 1
    this.made.push(`zzc${String(this.#next)}q`)
    return this.made.at(-1) ?? ''
  }
}

/** Whose record it is, and which one, stays; everything that is empty, and every word, tells. */
const planted = (segment: string, canaries: Canaries): string => {
  const parts = segment.split('|')
  const name = parts[0] ?? ''
  for (let at = 1; at <= (FIELDS[name] ?? 0); at += 1)
    if ((parts[at] ?? '') === '') parts[at] = `heroin relapse ${canaries.make()}^F11.20 ${canaries.make()}`
  return parts.join('|')
}

const worded = (segment: string, canaries: Canaries): string =>
  segment.startsWith('PID')
    ? segment
    : segment.replace(
        /(?<=[|^])([A-Za-z][a-z]+(?: [a-z]+)*)(?=[|^]|$)/g,
        (words) => `${words}, heroin relapse ${canaries.make()}`,
      )

/** Every message with its words telling, and again once for each segment with all its empty fields filled. */
const allAbout = (about: About, canaries: Canaries, n: string): readonly Message[] =>
  messagesAbout(about, n).flatMap(([type, ...segments]): readonly Message[] => [
    [type, ...segments.map((one) => worded(one, canaries))],
    ...segments.map((_, which): Message => [type, ...segments.map((one, at) => (at === which ? planted(one, canaries) : one))]),
  ])

/**
 * Sends them all.
 * @param address `host:port` of the gateway's MLLP door
 */
export const sendInbound = async (address: string, abouts: readonly About[]): Promise<Inbound> => {
  const canaries = new Canaries()
  const [host = '', port = ''] = address.split(':')
  const sender = createMllpSender({ host, port: Number(port) })
  const answers: string[] = []
  const codes: Record<string, number> = {}
  let number = 0
  try {
    for (const [at, about] of abouts.entries())
      for (const [type, ...segments] of allAbout(about, canaries, `${String(at)}-1`)) {
        number += 1
        const head = `MSH|^~\\&|BAYOU|BAYOU BH|MISSION-GATEWAY|MISSION|20260202120000-0600||${type}|IN${String(number)}|P|2.5.1`
        const answer = await sender.send(Buffer.from(`${[head, ...segments].join('\r')}\r`))
        if (!answer.ok) throw new Error(answer.error.code)
        const text = Buffer.from(answer.value.bytes).toString('utf8')
        answers.push(text)
        const code = /\rMSA\|(\w\w)/.exec(text)?.[1] ?? 'none'
        codes[code] = (codes[code] ?? 0) + 1
      }
  } finally {
    sender.close()
  }
  return { canaries: canaries.made, sent: number, codes, answers }
}
