import { STATEMENT_NOTE } from '../../mappings/hl7v2/results.ts'
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createMllpSender } from '../../src/delivery/mllp-sender.ts'
import { eventually, field } from '../flow/clinic.ts'
import { makeCertificates } from '../support/certificates.ts'
import { openForeignClinic, type ForeignClinic } from './foreign-clinic.ts'
import { base64, peerOrWhyNot, plainText, startJavaPeer, type PeerProcess } from './peer-process.ts'
import { writings } from './v2-writings.ts'

/**
 * What HAPI's classes do not know, or want where HL7 does not. A CE, or an IS, that ends with the components of a CWE: a receiver passes over
 * components at the end that it does not know (HL7 v2.5.1 §2.8.2). OSU^O51 has no class. OBX-4 and SCH-1 are conditional. The timing of
 * OBR-27 in 2.3 belongs to an order, and ours are reports.
 */
const KNOWN = [
  /(RF1-3|PRB-3|OBR-4|OBX-3|OBX-8|PV1-4) has components beyond its type$/,
  /^no structure of this name in version/,
  /(OBX-4|OBR-27) is required$/,
  /SCH-1 is required$/,
]
const unknownOf = (found = ''): readonly string[] =>
  found.split('; ').filter((one) => one !== '' && !KNOWN.some((known) => known.test(one)))

const certificates = makeCertificates()
const { isHere, why } = peerOrWhyNot('HAPI HL7v2', 'hapi-hl7v2/lib', 'java')
const foreign = isHere && certificates !== undefined ? describe : describe.skip

foreign(`HAPI HL7v2 (${why})`, () => {
  const folder = mkdtempSync(join(tmpdir(), 'mission-hapi-'))
  let clinic: ForeignClinic
  let peer: PeerProcess
  beforeAll(async () => {
    if (certificates === undefined) return
    clinic = await openForeignClinic(folder, certificates)
    peer = startJavaPeer('hapi-hl7v2', 'Hl7v2Partner.java', folder)
    await peer.ask('LISTEN', String(clinic.partnerPort))
  }, 180_000)
  afterAll(async () => {
    await peer.close()
    await clinic.close()
    rmSync(folder, { recursive: true, force: true })
  }, 60_000)

  let number = 0
  const header = (type: string): string =>
    `MSH|^~\\&|BAYOU|BAYOU BH|MISSION-GATEWAY|MISSION|20260202120000-0600||${type}|HAPI${String((number += 1))}|P|2.5.1`
  const send = async (...segments: readonly string[]): Promise<readonly string[]> =>
    peer.ask('SEND', clinic.host, String(clinic.port), base64(`${segments.join('\r')}\r`))
  const heard = async (wanted: (text: string) => boolean): Promise<string> =>
    (await eventually(
      async () =>
        (await peer.ask('HEARD'))
          .map((one) => one.split(' '))
          .filter(([how]) => how === 'TAKEN')
          .map(([, text]) => plainText(text))
          .find(wanted),
      (found) => found !== undefined,
      20_000,
    )) ?? ''
  const states = async (): Promise<readonly string[]> =>
    (
      await clinic.house.db.query<{ status: string }>(
        `select body::jsonb ->> 'status' as status from record where type = 'Task' and is_current and not is_deleted order by id`,
        [],
      )
    ).map(({ status }) => status)

  let referral = ''
  let pid = ''
  test('takes our REF^I12 under its default validation, and answers AA', async () => {
    await clinic.street.post('referral', 'referral-behavioural-health')
    const text = await heard((one) => field(one, 'MSH', 9) === 'REF')
    referral = field(text, 'RF1', 6) ?? ''
    pid = text.split('\r').find((line) => line.startsWith('PID')) ?? ''
    expect(referral).not.toBe('')
    const delivered = await eventually(
      () => clinic.house.db.query<{ state: string }>(`select state from outbox where channel = 'hl7v2'`, []),
      (rows) => rows.length > 0 && rows.every(({ state }) => state === 'delivered'),
    )
    expect(delivered).toEqual([{ state: 'delivered' }])
    const [structure, , found] = await peer.ask('JUDGE', base64(text))
    expect([structure, unknownOf(found)]).toEqual(['v251.message.REF_I12', []])
  })

  test.each([
    ['SIU^S12', 'appointment', 'appointment-booked', 'SIU_S12'],
    ['ADT^A03', 'encounter', 'encounter-home-visit', 'ADT_A03'],
    ['ORU^R01', 'assessment', 'assessment-phq-9', 'ORU_R01'],
  ])('takes our %s, and finds no fault in it', async (name, record, example, type) => {
    await clinic.street.post(record, example)
    const text = await heard((one) => `${field(one, 'MSH', 9) ?? ''}^${field(one, 'MSH', 9, 2) ?? ''}` === name)
    const [structure, , found] = await peer.ask('JUDGE', base64(text))
    expect([structure, unknownOf(found)]).toEqual([`v251.message.${type}`, []])
  })

  test('is answered AA to its RRI, and the referral moves', async () => {
    const answer = await send(header('RRI^I12^RRI_I12'), `MSA|AA|1`, `RF1|A|||||${referral}`, 'PRD|RT|', pid)
    expect(answer.slice(0, 3)).toEqual(['AA', `HAPI${String(number)}`, 'ACK'])
    expect(await states()).toEqual(['accepted'])
  })

  test('is answered AA to a forbidden move, and nothing moves', async () => {
    const answer = await send(header('RRI^I12^RRI_I12'), 'MSA|AA|1', `RF1|R|||||${referral}||||late`, 'PRD|RT|', pid)
    expect(answer[0]).toBe('AA')
    expect(await states()).toEqual(['accepted'])
  })

  test('takes an RRI, but is silent to one with an MSA on a connection that it did not ask on: see docs/interop.md', async () => {
    if (certificates === undefined) return
    const { ca, client } = certificates
    const sender = createMllpSender({ host: clinic.host, port: clinic.partnerPort, tls: { ca, ...client }, timeoutMs: 2_000 })
    const rri = writings('2.5.1').find(([name]) => name === 'RRI')?.[1] ?? ''
    const bare = await sender.send(Buffer.from(rri.replace(/MSA[^\r]*\r/, '')))
    const withMsa = await sender.send(Buffer.from(rri))
    sender.close()
    expect(bare).toMatchObject({ ok: true, value: { code: 'AA' } })
    expect(withMsa).toMatchObject({ ok: false, error: { code: 'answer-missing' } })
  })

  test.each([
    ['ADT^A04', () => [header('ADT^A04^ADT_A01'), 'EVN||20260202120000', pid, 'PV1|1|O']],
    [
      'SIU^S12',
      () => [
        header('SIU^S12^SIU_S12'),
        `SCH|AP-1|AP-1F||||F^first visit|FIRST^First visit^L|ROUTINE|||^^60^202602100900-0600^202602101000-0600|||||X^Desk||||Y^Desk|||||Booked|${referral}`,
        pid,
        'RGS|1',
        'AIS|1||COUNSEL^Counselling^L',
      ],
    ],
    [
      'ORU^R01',
      () => [
        header('ORU^R01^ORU_R01'),
        pid,
        `OBR|1|OR-1|LAB-1|24323-8^Panel^LN|||20260203080000-0600${'|'.repeat(15)}20260203090000-0600||LAB|F`,
        'OBX|1|NM|2951-2^Sodium^LN||140|mmol/L|136-145|N|||F',
      ],
    ],
    [
      'REF^I12',
      () => [
        header('REF^I12^REF_I12'),
        'RF1|P|R||||HAPI-77|20260202',
        'PRD|RP|Mueller^HTEST|||||777^NPI',
        'PID|1||HTEST-9^^^BAYOU||HTEST-Doe^Zoë||19800102|F',
        'DG1|1||F10.20^Alcohol dependence^I10||20260202|W',
      ],
    ],
  ])('is answered AA to its %s', async (_, segments) => {
    const answer = await send(...segments())
    expect(answer.slice(0, 3)).toEqual(['AA', `HAPI${String(number)}`, 'ACK'])
  })

  test('reads the ERR of what is refused', async () => {
    const answer = await send(header('RRI^I12^RRI_I12'), 'MSA|AA|1', 'RF1|A|||||nowhere', 'PRD|RT|', 'PID|1||X||HTEST-Y')
    const ack = plainText(answer[3])
    expect([answer[0], field(ack, 'ERR', 3)]).toEqual(['AE', '204'])
  })

  test('refused nothing of ours, and no connection of its was left', async () => {
    const refused = (await peer.ask('HEARD')).filter((one) => one.startsWith('REFUSED'))
    expect(refused.map((one) => plainText(one.split(' ')[1]))).toEqual([])
  })

  test.each(['2.3', '2.3.1', '2.4', '2.5', '2.5.1', '2.6', '2.7', '2.8'])(
    'finds no fault in what we write in %s',
    async (version) => {
      const found: string[] = []
      for (const [name, text] of writings(version)) {
        const judged = await peer.ask('JUDGE', base64(text)).catch((error: unknown) => ['', base64(text), String(error)])
        // a Z-segment is of our own, and may be anywhere
        const faults = unknownOf(judged[2]).filter((one) => !one.endsWith(`/${STATEMENT_NOTE} has no place here`))
        found.push(...faults.map((one) => `${name}: ${one}`))
        if (plainText(judged[1]).trimEnd() !== text.trimEnd()) found.push(`${name}: comes back otherwise`)
      }
      expect(found).toEqual([])
    },
  )
})
