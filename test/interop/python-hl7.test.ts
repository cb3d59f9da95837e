import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { execFile } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { startMllpListener } from '../../src/worker/mllp-listener.ts'
import { receiveMessage } from '../../src/flow/messages.ts'
import { eventually, field } from '../flow/clinic.ts'
import { makeCertificates } from '../support/certificates.ts'
import { PEERS } from './fetch-peers.mjs'
import { openForeignClinic, type ForeignClinic } from './foreign-clinic.ts'
import { base64, peerOrWhyNot, plainText, startPeer, type PeerProcess } from './peer-process.ts'

const certificates = makeCertificates()
const { isHere, why } = peerOrWhyNot('python-hl7', 'python/bin/mllp_send', 'python3')
const foreign = isHere && certificates !== undefined ? describe : describe.skip

foreign(`python-hl7 (${why})`, () => {
  const folder = mkdtempSync(join(tmpdir(), 'mission-python-'))
  let clinic: ForeignClinic
  let peer: PeerProcess
  beforeAll(async () => {
    if (certificates === undefined) return
    clinic = await openForeignClinic(folder, certificates)
    peer = startPeer(join(PEERS, 'python/bin/python'), [join(import.meta.dirname, 'python_partner.py'), folder])
    await peer.ask('LISTEN', String(clinic.partnerPort))
  }, 180_000)
  afterAll(async () => {
    await peer.close()
    await clinic.close()
    rmSync(folder, { recursive: true, force: true })
  }, 60_000)

  let number = 0
  const message = (type: string, ...segments: readonly string[]): string =>
    `${[`MSH|^~\\&|BAYOU|BAYOU BH|MISSION-GATEWAY|MISSION|20260202120000-0600||${type}|PY${String((number += 1))}|P|2.5.1`, ...segments].join('\r')}\r`
  const send = (text: string): Promise<readonly string[]> => peer.ask('SEND', clinic.host, String(clinic.port), base64(text))
  const heard = async (wanted: (text: string) => boolean): Promise<string> =>
    (await eventually(
      async () => (await peer.ask('HEARD')).map(plainText).find(wanted),
      (found) => found !== undefined,
      20_000,
    )) ?? ''

  let referral = ''
  let pid = ''
  test('takes our REF^I12 and its AA is understood', async () => {
    await clinic.street.post('referral', 'referral-behavioural-health')
    const text = await heard((one) => field(one, 'MSH', 9) === 'REF')
    referral = field(text, 'RF1', 6) ?? ''
    pid = text.split('\r').find((line) => line.startsWith('PID')) ?? ''
    const delivered = await eventually(
      () => clinic.house.db.query<{ state: string }>(`select state from outbox where channel = 'hl7v2'`, []),
      (rows) => rows.length > 0 && rows.every(({ state }) => state === 'delivered'),
    )
    expect([referral === '', delivered]).toEqual([false, [{ state: 'delivered' }]])
  })

  test.each([
    ['SIU^S12', 'appointment', 'appointment-booked', 'SCH'],
    ['ADT^A03', 'encounter', 'encounter-home-visit', 'PV1'],
    ['ORU^R01', 'assessment', 'assessment-phq-9', 'OBX'],
  ])('takes our %s', async (name, record, example, segment) => {
    await clinic.street.post(record, example)
    const text = await heard((one) => `${field(one, 'MSH', 9) ?? ''}^${field(one, 'MSH', 9, 2) ?? ''}` === name)
    expect(field(text, segment, segment === 'SCH' ? 2 : 1)).toBeDefined()
  })

  test.each([
    ['RRI^I12', 'AA', () => message('RRI^I12^RRI_I12', 'MSA|AA|1', `RF1|A|||||${referral}`, 'PRD|RT|', pid)],
    ['ADT^A08', 'AA', () => message('ADT^A08^ADT_A01', 'EVN||20260202120000', pid, 'PV1|1|O')],
    [
      'REF^I12',
      'AA',
      () =>
        message(
          'REF^I12^REF_I12',
          'RF1|P|R||||PY-77|20260202',
          'PRD|RP|Mueller^HTEST|||||777^NPI',
          'PID|1||HTEST-9^^^BAYOU||HTEST-Doe^Zoë||19800102|F',
          'DG1|1||F10.20^Alcohol dependence^I10',
        ),
    ],
    ['RRI to nowhere', 'AE', () => message('RRI^I12^RRI_I12', 'MSA|AA|1', 'RF1|A|||||nowhere', 'PRD|RT|', 'PID|1')],
    ['MFN^M01', 'AR', () => message('MFN^M01', 'MFI|x')],
  ])('reads our acknowledgement of its %s: %s', async (_, code, write) => {
    const [said, controlId, ack] = await send(write())
    expect([said, controlId]).toEqual([code, `PY${String(number)}`])
    expect(field(plainText(ack), 'MSH', 9)).toBe('ACK')
  })

  test('a forbidden move is told in an RRI that it can read', async () => {
    const [code] = await send(message('RRI^I12^RRI_I12', 'MSA|AA|1', `RF1|R|||||${referral}||||late`, 'PRD|RT|', pid))
    expect(code).toBe('AA')
    expect(field(await heard((one) => one.includes('Refused:')), 'RF1', 1)).toBe('A')
  })

  test('mllp_send, which has no TLS, is answered over a plain listener', async () => {
    const bayou = await clinic.house.partners.byId('bayou-bh')
    if (bayou === undefined) throw new Error('no partner')
    const handle = (bytes: Uint8Array): Promise<Uint8Array> => receiveMessage(clinic.house, bayou, bytes)
    const listener = await startMllpListener({ host: '127.0.0.1', port: 0, handle })
    const file = join(folder, 'messages.hl7')
    writeFileSync(
      file,
      message('RRI^I13^RRI_I12', 'MSA|AA|1', `RF1|A|||||${referral}`, 'PRD|RT|', pid, 'NTE|1||Referral state: in-progress'),
    )
    const args = ['--loose', '--file', file, '--port', String(listener.port), '127.0.0.1']
    const { stdout } = await promisify(execFile)(join(PEERS, 'python/bin/mllp_send'), args, { timeout: 30_000 })
    await listener.stop(200)
    expect(stdout).toContain(`MSA|AA|PY${String(number)}`)
  })
})
