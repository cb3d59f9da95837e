import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import type { Resource } from '@medplum/fhirtypes'
import { connect } from 'node:net'
import { messagesOf, parseBatch } from '../../src/formats/hl7v2/batch.ts'
import { segmentNamed, textAt } from '../../src/formats/hl7v2/message.ts'
import { createFrameDecoder, frame } from '../../src/formats/hl7v2/mllp-frame.ts'
import { enrol, eventually, field, openClinic, type Clinic } from './clinic.ts'

let clinic: Clinic
let pid = ''
let referral = ''
let task = ''
let client = ''
beforeAll(async () => {
  clinic = await openClinic()
  await enrol(clinic.street)
  const made = await clinic.street.post('referral', 'referral-behavioural-health')
  task = made.find((reference) => reference.startsWith('Task/'))?.slice(5) ?? ''
  const sent = await eventually(
    () => clinic.received.find((text) => field(text, 'MSH', 9) === 'REF'),
    (found) => found !== undefined,
  )
  referral = field(sent ?? '', 'RF1', 6) ?? ''
  pid = sent?.split('\r').find((line) => line.startsWith('PID')) ?? ''
  client = (await records('Patient')).find((one) => JSON.stringify(one).includes('HTEST-Rivera'))?.id ?? ''
}, 120_000)
afterAll(() => clinic.close())

let number = 0
const header = (type: string, version = '2.5.1'): string =>
  `MSH|^~\\&|SOMEBODY|ELSE|MISSION-GATEWAY|MISSION|20260202120000-0600||${type}|CM${String((number += 1))}|P|${version}`
const message = (...segments: readonly string[]): string => `${segments.join('\r')}\r`
const said = async (...segments: readonly string[]): Promise<string | undefined> =>
  field(await clinic.send(message(...segments)), 'MSA', 1)
const records = async (type: string): Promise<readonly (Resource & { readonly id: string })[]> =>
  (
    await clinic.house.db.query<{ body: string }>(
      `select body::text as body from record where type = $1 and is_current and not is_deleted order by id`,
      [type],
    )
  ).map(({ body }) => JSON.parse(body) as Resource & { id: string })
const taskNow = async () => (await records('Task')).find((one) => one.id === task)
const own = (id: string): string => `PID|1||${id}^^^BAYOU^MR||HTEST-Doe^Sam||19800102|F`

describe('about the client of a referral, whom the clinic names as it was told', () => {
  test('the fields of PID are ours, and no second patient comes of them', async () => {
    expect(await said(header('RRI^I12^RRI_I12'), `RF1|A|||||${referral}`, 'PRD|RT|', pid)).toBe('AA')
    const before = (await records('Patient')).length
    const sch = `SCH|AP-1|AP-1F||||^first visit|FIRST^First visit^L|ROUTINE|||^^60^202602100900-0600^202602101000-0600||||||||||||||Booked|${referral}`
    expect(await said(header('SIU^S12^SIU_S12'), sch, pid, 'RGS|1', 'AIS|1||COUNSEL^Counselling^L')).toBe('AA')
    expect(await records('Patient')).toHaveLength(before)
    const [appointment] = await records('Appointment')
    expect(appointment).toMatchObject({ status: 'booked', basedOn: [{ reference: `ServiceRequest/${referral}` }] })
    expect(JSON.stringify(appointment)).toContain(`Patient/${client}`)
  })
  test('the first appointment begins the work', async () => {
    expect(await taskNow()).toMatchObject({ status: 'in-progress' })
  })
  test.each([
    ['S14', 'Booked', 'booked'],
    ['S26', 'Noshow', 'noshow'],
    ['S15', 'Cancelled', 'cancelled'],
  ])('SIU^%s changes the same appointment', async (trigger, filler, status) => {
    const sch = `SCH|AP-1|AP-1F||||^visit|FIRST^First visit^L|ROUTINE|||^^60^202602110900-0600^202602111000-0600||||||||||||||${filler}|${referral}`
    expect(await said(header(`SIU^${trigger}^SIU_S12`), sch, pid, 'RGS|1')).toBe('AA')
    const appointments = await records('Appointment')
    expect(appointments).toHaveLength(1)
    expect(appointments[0]).toMatchObject({ status })
  })
  test('ORU^R01 brings a report and its results', async () => {
    const obr = `OBR|1|OR-1|LAB-1|24323-8^Panel^LN|||20260203080000-0600${'|'.repeat(15)}20260203090000-0600||LAB|F`
    const obx = 'OBX|1|NM|2951-2^Sodium^LN||140|mmol/L|136-145|N|||F'
    expect(await said(header('ORU^R01^ORU_R01'), pid, obr, obx)).toBe('AA')
    const [report] = await records('DiagnosticReport')
    expect(report).toMatchObject({ status: 'final', subject: { reference: `Patient/${client}` } })
    const shown = await clinic.street.ask('bayou-bh', `/DiagnosticReport/${report?.id ?? ''}`)
    expect([shown.status, shown.body]).toEqual([200, expect.stringContaining('24323-8')])
  })
  test.each([
    ['PC1', 'active'],
    ['PC2', 'resolved'],
  ])('PPR^%s keeps a problem, and changes it', async (trigger, status) => {
    const prb = `PRB|${trigger === 'PC1' ? 'AD' : 'UP'}|20260203|J45.909^Asthma^I10|PROB-1||||||||||${status === 'active' ? 'A' : 'R'}^${status}`
    expect(await said(header(`PPR^${trigger}^PPR_PC1`), pid, prb)).toBe('AA')
    const asthma = (await records('Condition')).filter((one) => JSON.stringify(one).includes('J45.909'))
    expect(asthma).toHaveLength(1)
  })
  test('OMG^O19 with a result completes the referral, and the result is its output', async () => {
    const orc = `ORC|SC|${referral}|||CM`
    const obr = `OBR|1|${referral}|LAB-2|11488-4^Consult note^LN|||20260210||||||||||||||||||||F`
    const obx = 'OBX|1|TX|11488-4^Consult note^LN||HTEST attended every visit||||||F'
    expect(await said(header('OMG^O19^OMG_O19'), pid, orc, obr, obx)).toBe('AA')
    expect(await taskNow()).toMatchObject({
      status: 'completed',
      output: [{ type: { coding: [{ code: 'resulting-activity' }] } }, expect.anything()],
    })
  })
  test('OSU^O51 about it afterwards is acknowledged, and refused in words', async () => {
    expect(await said(header('OSU^O51^OSU_O51'), pid, `ORC|SC|${referral}|||IP`)).toBe('AA')
    expect(await taskNow()).toMatchObject({ status: 'completed' })
    const refusal = await eventually(
      () => clinic.received.find((text) => text.includes('transition-not-allowed')),
      (found) => found !== undefined,
    )
    expect(refusal).toContain('in-progress (transition-not-allowed)')
  })
})

describe("about patients of the clinic's own", () => {
  test('A04 registers, A01 admits, A08 corrects, A03 discharges: one patient, one encounter', async () => {
    const pv1 = 'PV1|1|I|WARD^1^1||||777^HTEST-House^Greg|||||||||||V-1^^^BAYOU'
    for (const trigger of ['A04', 'A01', 'A08'])
      expect(await said(header(`ADT^${trigger}^ADT_A01`), `EVN|${trigger}|20260202`, own('OWN-1'), pv1)).toBe('AA')
    expect(await said(header('ADT^A03^ADT_A03'), 'EVN|A03|20260203', own('OWN-1'), pv1)).toBe('AA')
    const patients = (await records('Patient')).filter((one) => JSON.stringify(one).includes('OWN-1'))
    expect(patients).toHaveLength(1)
    const encounters = (await records('Encounter')).filter((one) => JSON.stringify(one).includes(patients[0]?.id ?? '-'))
    expect(encounters).toHaveLength(1)
  })
  test('A40 links two of them; nothing moves from one to the other', async () => {
    expect(await said(header('ADT^A04^ADT_A01'), 'EVN|A04|20260202', own('OWN-2'), 'PV1|1|O')).toBe('AA')
    expect(await said(header('ADT^A40^ADT_A39'), 'EVN|A40|20260204', own('OWN-1'), 'MRG|OWN-2^^^BAYOU^MR')).toBe('AA')
    const of = async (id: string) => (await records('Patient')).find((one) => JSON.stringify(one).includes(`"${id}"`))
    const [staying, going] = [await of('OWN-1'), await of('OWN-2')]
    expect(staying).toMatchObject({ link: [{ other: { reference: `Patient/${going?.id ?? ''}` }, type: 'replaces' }] })
    expect(going).toMatchObject({
      active: false,
      link: [{ other: { reference: `Patient/${staying?.id ?? ''}` }, type: 'replaced-by' }],
    })
  })
  test("A40 that would make the programme's client one with another is AR, and changes nothing", async () => {
    const cx = pid.split('|')[3] ?? ''
    const before = await records('Patient')
    expect(await said(header('ADT^A40^ADT_A39'), 'EVN|A40|20260204', own('OWN-1'), `MRG|${cx}`)).toBe('AR')
    expect(await said(header('ADT^A40^ADT_A39'), 'EVN|A40|20260204', pid, 'MRG|OWN-1^^^BAYOU^MR')).toBe('AR')
    expect(await records('Patient')).toEqual(before)
  })
  test('what came with ARV is labelled by it', async () => {
    const arv = 'ARV|1|A|HIV|||||R'
    const prb = 'PRB|AD|20260203|R50.9^Fever^I10|PROB-9'
    expect(await said(header('PPR^PC1^PPR_PC1', '2.8'), own('OWN-1'), arv, prb)).toBe('AA')
    const fever = (
      await clinic.house.db.query<{ labels: { sensitivity: readonly string[]; confidentiality: string } }>(
        `select labels from record where type = 'Condition' and is_current and body::text like '%R50.9%'`,
        [],
      )
    )[0]?.labels
    expect(fever?.sensitivity).toContain('HIV')
  })
})

describe('is answered AE or AR, and kept for a person', () => {
  test.each([
    ['SIU without SCH', 'SIU^S12^SIU_S12', [own('OWN-1')], 'AE'],
    ['ADT of an event that is not taken', 'ADT^A60^ADT_A60', [own('OWN-1')], 'AR'],
    ['a SIU body under ADT', 'ADT^A60^ADT_A60', ['SCH|X', own('OWN-1')], 'AR'],
    ['OSU about nothing', 'OSU^O51^OSU_O51', [own('OWN-1'), 'ORC|SC|no-such|||IP'], 'AE'],
    ['OSU without its referral', 'OSU^O51^OSU_O51', [own('OWN-1'), 'ORC|SC||||IP'], 'AE'],
    ['an outcome of no referral of ours', 'OMG^O19^OMG_O19', [own('OWN-1'), 'ORC|SC|no-such|||CM'], 'AE'],
  ] as const)('%s', async (_, type, segments, code) => {
    expect(await said(header(type), ...segments)).toBe(code)
  })
})

describe('acknowledgement in enhanced mode', () => {
  /** The codes of MSA-1, one for each frame that comes before the answer to a message in original mode. */
  const codesFor = async (accept: string, application: string, ...segments: readonly string[]) => {
    const [host = '', port = ''] = clinic.street.gateway.mllpAddress.split(':')
    const socket = connect({ host, port: Number(port) })
    const decoder = createFrameDecoder(1_000_000)
    const answers: string[] = []
    socket.on('data', (chunk: Buffer) => answers.push(...decoder.push(chunk).frames.map((one) => Buffer.from(one).toString())))
    const wished = `${header('ADT^A08^ADT_A01')}|||${accept}|${application}`
    socket.write(frame(Buffer.from(message(wished, ...segments))))
    const last = header('ADT^A08^ADT_A01').replace('|CM', '|LAST')
    socket.write(frame(Buffer.from(message(last, 'EVN|A08', own('OWN-1')))))
    await eventually(
      () => answers.some((one) => one.includes('|LAST')),
      (isThere) => isThere,
    )
    socket.destroy()
    return answers.filter((one) => !one.includes('|LAST')).map((one) => field(one, 'MSA', 1))
  }
  test.each([
    ['AL', 'AL', ['CA', 'AA']],
    ['AL', 'NE', ['CA']],
    ['NE', 'AL', ['AA']],
    ['NE', 'NE', []],
    ['ER', 'ER', []],
    ['', 'SU', ['AA']],
  ])('%s and %s of a good message: %j', async (accept, application, codes) => {
    expect(await codesFor(accept, application, 'EVN|A08', own('OWN-1'))).toEqual(codes)
  })
  test.each([
    ['AL', 'AL', ['CA', 'AE']],
    ['ER', 'ER', ['AE']],
    ['AL', 'SU', ['CA']],
  ])('%s and %s of one without its patient: %j', async (accept, application, codes) => {
    expect(await codesFor(accept, application, 'EVN|A08')).toEqual(codes)
  })
})

/** Sends bytes as they are, and gives the first frame that comes back. */
const answerTo = async (bytes: Uint8Array): Promise<Buffer> => {
  const [host = '', port = ''] = clinic.street.gateway.mllpAddress.split(':')
  const socket = connect({ host, port: Number(port) })
  const decoder = createFrameDecoder(1_000_000)
  const frames: Uint8Array[] = []
  socket.on('data', (chunk: Buffer) => frames.push(...decoder.push(chunk).frames))
  socket.write(frame(bytes))
  await eventually(
    () => frames.length,
    (count) => count > 0,
  )
  socket.destroy()
  return Buffer.from(frames[0] ?? [])
}

test('a batch is acknowledged as a batch, message by message', async () => {
  const [first, second] = [header('ADT^A08^ADT_A01'), header('MFN^M01')]
  const begin = ['FHS|^~\\&|BAYOU', 'BHS|^~\\&|BAYOU']
  const batch = [...begin, first, 'EVN|A08', own('OWN-1'), second, 'MFI|x', 'BTS|2', 'FTS|1']
  const answer = (await answerTo(Buffer.from(message(...batch)))).toString()
  const told = parseBatch(answer)
  const codes = told.ok ? messagesOf(told.value).map((one) => textAt(one, segmentNamed(one, 'MSA'), { field: 1 })) : told.error
  expect(codes).toEqual(['AA', 'AR'])
  expect(answer).toMatch(/^BHS.*BTS\|2\r$/s)
})

test('a message in another character set is read in it, and answered in it', async () => {
  const latin = `${header('ADT^A08^ADT_A01').replace('SOMEBODY', 'Clínica')}||||||8859/1`
  const named = own('OWN-1').replace('HTEST-Doe', 'HTEST-Muñoz')
  const answer = (await answerTo(Buffer.from(message(latin, 'EVN|A08', named), 'latin1'))).toString('latin1')
  expect(answer).toContain('|Clínica|')
  expect(answer).toContain('MSA|AA')
  expect(JSON.stringify(await records('Patient'))).toContain('HTEST-Muñoz')
})

/** Asks the programme's door for FHIR. */
const put = async (
  resource: object & { readonly resourceType: string; readonly id: string },
  ifMatch?: string,
): Promise<void> => {
  const answer = await clinic.street.ask('mission', `/${resource.resourceType}/${resource.id}`, {
    method: 'PUT',
    headers: { 'content-type': 'application/fhir+json', ...(ifMatch === undefined ? {} : { 'if-match': ifMatch }) },
    body: JSON.stringify(resource),
  })
  if (answer.status >= 300) throw new Error(answer.body)
}
const heard = (wanted: (text: string) => boolean): Promise<string | undefined> =>
  eventually(
    () => clinic.received.find(wanted),
    (found) => found !== undefined,
  )
/** Notes of a message, one below the other. */
const notesIn = (text = ''): string =>
  text
    .split('\r')
    .filter((line) => line.startsWith('NTE'))
    .join('\n')

describe('a receiver that takes every MSA for an answer to its own', () => {
  test('is refused a move by an RRI without one, which names the message in words', async () => {
    await clinic.agree({ answers: 'without-msa' })
    const before = clinic.received.length
    expect(await said(header('RRI^I12^RRI_I12'), `RF1|R|||||${referral}||||late`, 'PRD|RT|', pid)).toBe('AA')
    const refused = await heard((text) => clinic.received.indexOf(text) >= before && text.includes('Refused: '))
    expect(field(refused ?? '', 'MSH', 9)).toBe('RRI')
    expect([refused?.includes('\rMSA|'), notesIn(refused).includes(`Answer to message CM${String(number)}`)]).toEqual([
      false,
      true,
    ])
  })
})

describe('by 360X, for a clinic whose agreement names it and not REF', () => {
  beforeAll(() => clinic.agree({ messages: ['OMG^O19', 'OSU^O51'] }))
  const subject = () => ({ reference: `Patient/${client}` })

  test('a referral is OMG^O19; accepted by OSU^O51; cancelled, it is OSU^O51 with its reason', async () => {
    const request = {
      resourceType: 'ServiceRequest',
      id: 'sr-360x',
      status: 'active',
      intent: 'order',
      code: { text: 'counselling' },
      subject: subject(),
    }
    const errand = { resourceType: 'Task', id: 'task-360x', status: 'requested', intent: 'order', code: { coding: [{ system: 'http://hl7.org/fhir/CodeSystem/task-code', code: 'fulfill' }] }, focus: { reference: 'ServiceRequest/sr-360x' }, for: subject(), authoredOn: '2026-02-02T12:00:00Z', requester: { reference: 'Organization/mission' }, owner: { reference: 'Organization/bayou-bh' } } // prettier-ignore
    await put(request)
    await put(errand)
    const omg = await heard((text) => field(text, 'MSH', 9) === 'OMG')
    expect([field(omg ?? '', 'ORC', 1), field(omg ?? '', 'ORC', 2), field(omg ?? '', 'OBR', 4, 2)]).toEqual([
      'NW',
      'sr-360x',
      'counselling',
    ])
    expect(notesIn(omg)).toContain('protected by Federal confidentiality rules (42 CFR part 2)')
    expect(await said(header('OSU^O51^OSU_O51'), pid, 'ORC|SC|sr-360x|||IP')).toBe('AA')
    const stands = async () => (await records('Task')).find((one) => one.id === 'task-360x')
    expect(await stands()).toMatchObject({ status: 'accepted' })
    await put({ ...errand, status: 'cancelled', statusReason: { text: 'moved away' } } as typeof errand)
    const osu = await heard((text) => field(text, 'MSH', 9) === 'OSU')
    expect([field(osu ?? '', 'ORC', 2), field(osu ?? '', 'ORC', 5), field(osu ?? '', 'ORC', 16, 2)]).toEqual([
      'sr-360x',
      'CA',
      'moved away',
    ])
  })

  test('a referral of its own is answered by OSU^O51, and by OMG^O19 when it is completed; a refusal is OSU^O51 in words', async () => {
    const orc = 'ORC|NW|B-360|||||||20260202'
    expect(await said(header('OMG^O19^OMG_O19'), own('OWN-360'), orc, 'OBR|1|B-360||CM^Case management^L')).toBe('AA')
    const task = (await records('Task')).find((one) => JSON.stringify(one).includes('B-360'))
    if (task === undefined) throw new Error('the referral was not taken')
    const states = { accepted: {}, completed: { output: [{ type: { text: 'outcome' }, valueString: 'attended' }] } }
    for (const [status, more] of Object.entries(states)) await put({ ...task, ...more, status } as typeof task)
    const about = (code: string) => heard((text) => field(text, 'MSH', 9) === code && field(text, 'ORC', 2) === 'B-360')
    expect(field((await about('OSU')) ?? '', 'ORC', 5)).toBe('IP')
    expect(field((await about('OMG')) ?? '', 'ORC', 5)).toBe('CM')
    expect(await said(header('OSU^O51^OSU_O51'), own('OWN-360'), 'ORC|SC|B-360|||CA')).toBe('AA')
    const refused = await heard((text) => text.includes('Refused: ') && text.includes('B-360'))
    expect([field(refused ?? '', 'MSH', 9), notesIn(refused).includes(`Answer to message CM${String(number)}`)]).toEqual([
      'OSU',
      true,
    ])
  })
})
