import { describe, expect, test } from '@jest/globals'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { refI12FromFhir } from '../../../mappings/hl7v2/ref-i12.from-fhir.ts'
import { refI12ToFhir, type InboundReferral } from '../../../mappings/hl7v2/ref-i12.to-fhir.ts'
import { rriFromReferral, rriToTransition } from '../../../mappings/hl7v2/rri-i12.ts'
import { segmentsNamed, serialize, type Message } from '../../../src/formats/hl7v2/message.ts'
import { partnerId } from '../../../src/model/ids.ts'
import { transition } from '../../../src/model/referral.ts'
import { instant } from '../../../src/model/time.ts'
import { problem } from '../../../src/platform/problem.ts'
import { condition, context, envelope, partner, patient, programme, read, request, task } from './support.ts'

const referral = {
  asks: 'new' as const,
  serviceRequest: request,
  task,
  patient,
  resources: [programme, partner, condition],
  statements: ['42 CFR part 2 prohibits unauthorized use or disclosure of these records.'],
}
const inbound = (message: Message): InboundReferral => {
  const result = refI12ToFhir(message, context)
  if (!result.ok) throw new Error(JSON.stringify(result.error))
  return result.value
}

describe('a MISSION referral as REF^I12', () => {
  const { message, losses } = refI12FromFhir(referral, envelope)
  test('is this message', () => {
    expect(serialize(message).split('\r')).toEqual([
      'MSH|^~\\&|MISSION|MISSION|EHR|BAYOU|20261121120000-0600||REF^I12^REF_I12|G-0001|T|2.5.1||||||UNICODE UTF-8',
      'RF1|P^Pending^HL70283|U^Urgent^HL70280||||R-77^referral|20261123|20270223|20261120093000-0600',
      'PRD|RP^Referring Provider^HL70286|||^^^MISSION',
      'PRD|RT^Referred to Provider^HL70286|||^^^Bayou Behavioral Health',
      'PID|1||HTEST-7^^^client||HTEST-Rivera^Jordan^A^^^^L||19840309|O|||1 Test Street \\T\\ Co^^Houston^TX^77002^^H||+1 713 555 0100^PRN^CP',
      'DG1|1||75084000^Severe major depression without psychotic features^SCT|Depression \\F\\ severe||F',
      'NTE|1||prefers mornings',
      'NTE|2||Service requested: Psychotherapy',
      'NTE|3||42 CFR part 2 prohibits unauthorized use or disclosure of these records.',
      '',
    ])
  })
  test('says what it could not carry', () => {
    expect(losses).toEqual([
      { type: 'ServiceRequest', path: 'intent', count: 1 },
      { type: 'ServiceRequest', path: 'code.coding.system', count: 1 },
      { type: 'ServiceRequest', path: 'code.coding.code', count: 1 },
    ])
  })
  test('comes back as the same referral, asked for by the peer that sent it', () => {
    const back = inbound(message)
    expect(back).toMatchObject({ asks: 'new', referralId: 'R-77' })
    expect(back.serviceRequest).toMatchObject({
      priority: 'urgent',
      occurrencePeriod: request.occurrencePeriod,
      authoredOn: request.authoredOn,
    })
    expect(back.patient).toMatchObject({
      name: patient.name,
      birthDate: patient.birthDate,
      gender: 'other',
      address: patient.address,
    })
    expect(back.task).toMatchObject({
      status: 'requested',
      requester: { reference: 'Organization/bayou-bh' },
      owner: { reference: 'Organization/mission' },
    })
    expect(back.losses).toEqual([])
  })
  test.each([
    ['modify', 'I13'],
    ['cancel', 'I14'],
    ['status', 'I15'],
  ] as const)('%s is REF^%s', (asks, event) => {
    const other = refI12FromFhir({ ...referral, asks }, envelope).message
    expect(serialize(other)).toContain(`REF^${event}^REF_I12`)
    expect(inbound(other).asks).toBe(asks)
  })
  test.each(['2.3', '2.3.1', '2.4', '2.5', '2.6', '2.7', '2.8'])('can be read again in version %s', (version) => {
    const back = inbound(refI12FromFhir(referral, { ...envelope, version }).message)
    expect(back.patient.telecom).toEqual(patient.telecom)
    expect(back.losses).toEqual([])
  })
  test('with the same ids however often it is read', () => {
    expect(inbound(message).resources).toEqual(inbound(message).resources)
  })
})

describe('what is not a referral', () => {
  const head = 'MSH|^~\\&|A|B|C|D|2026||REF^I12|1|P|2.5.1\r'
  test.each([
    ['another trigger', head.replace('I12', 'I99'), 'trigger-unsupported', undefined],
    ['no patient', `${head}RF1|P||||R1^x|77\r`, 'required-missing', ['PID']],
    ['nothing but a header', head, 'required-missing', ['PID', 'RF1']],
    ['no referral id', `${head}RF1|P\rPID|1||7\r`, 'required-missing', ['RF1-6']],
  ])('%s', (_, text, code, paths) => {
    const result = refI12ToFhir(read(text), context)
    expect(result).toMatchObject({ ok: false, error: { code } })
    if (!result.ok && paths !== undefined) expect(result.error.issues?.map((issue) => issue.path)).toEqual(paths)
  })
})

describe('traps of real messages', () => {
  const message = read(
    [
      '\uFEFFMSH|^~\\&|A|B|C|D|202201251620+0215|SECURITY|REF^I14^REF_I12|1|P|2.4^NZL^1.0',
      'PRD|RP^Referring^HL70286|HTEST^Provider',
      'PID|1||7^^^MRN||HTEST^Person||19761325|Q||""',
      'RF1|P||Hom^Home^HL70281|||R-9|202201251620',
      'ZDS|1.2.3^local&part^Application^DICOM',
      'NTE|1||line one~line two',
      'OBX|1|ED|57133-1^Referral note^LN||^application^pdf^Base64^QUJD||||||F',
      'OBX|2|NM|44261-6^PHQ-9^LN||seventeen||||||F',
      'OBX|3|SN|x^y^L||>^100|mg/dL|||||F|||20220125',
    ].join('\n'),
  )
  const back = inbound(message)
  const lost = Object.fromEntries(back.losses.map((loss) => [loss.place, loss.why]))
  test('the trigger counts, not the structure', () => expect(back.asks).toBe('cancel'))
  test('an impossible date of birth is kept on the ledger and nowhere else', () => {
    expect(back.patient.birthDate).toBe(undefined)
    expect(lost['PID[1]-7(1).1.1']).toBe('invalid')
  })
  test('a code that is not known, too', () => expect(lost['PID[1]-8(1).1.1']).toBe('code-unknown'))
  test('Z-segments find no home and are not lost', () => {
    expect(back.losses.filter((loss) => loss.place.startsWith('ZDS')).map((loss) => loss.raw)).toEqual([
      '1.2.3',
      'local',
      'part',
      'Application',
      'DICOM',
    ])
  })
  test('home care is not housing', () => {
    expect(back.serviceRequest.category?.[0]?.coding?.[0]).toEqual({
      system: 'http://terminology.hl7.org/CodeSystem/v2-0281',
      code: 'Hom',
      display: 'Home',
    })
  })
  test('a minute stays a minute on the ledger', () => expect(lost['RF1[1]-7(1).1.1']).toBe('precision'))
  test('a document, a number that is a word, and a comparator', () => {
    const documents = back.resources.filter((each) => each.resourceType === 'DocumentReference')
    expect(documents[0]).toMatchObject({ content: [{ attachment: { contentType: 'application/pdf', data: 'QUJD' } }] })
    const values = back.resources.flatMap((each) =>
      each.resourceType === 'Observation' ? [each.valueString ?? each.valueQuantity] : [],
    )
    expect(values).toEqual(['seventeen', { comparator: '>', value: 100, unit: 'mg/dL' }])
  })
  test('repetitions of a note are its lines', () => expect(back.serviceRequest.note).toEqual([{ text: 'line one\nline two' }]))
})

describe('RRI', () => {
  const rri = (rf1: string, more = ''): Message =>
    read(`MSH|^~\\&|EHR|BAYOU|MISSION|MISSION|2026||RRI^I12^RRI_I12|9|P|2.5.1\rMSA|AA|G-0001\r${rf1}\r${more}`)
  test.each([
    [
      'A accepts',
      'RF1|A^Accepted^HL70283|||||R-77|||||B-5',
      '',
      { to: 'accepted', referralId: 'R-77', fillerId: 'B-5', inReplyTo: 'G-0001' },
    ],
    [
      'R rejects, with its note',
      'RF1|R|||||R-77',
      'NTE|1||no capacity before spring\r',
      { to: 'rejected', reason: 'no capacity before spring' },
    ],
    ['R rejects, with RF1-10', 'RF1|R|||||R-77||||W^Work Load^HL70336', '', { to: 'rejected', reason: 'Work Load' }],
    ['R rejects, with nothing', 'RF1|R|||||R-77', '', { to: 'rejected', reason: 'no reason given' }],
    ['E cancels', 'RF1|E|||||R-77', 'NTE|1||expired\r', { to: 'cancelled', reason: 'expired' }],
    [
      'P waits, where a waiting list is named',
      'RF1|P|||||R-77',
      'NTE|1||Business status: not-enrolled-on-waitlist\r',
      { to: 'requested', businessStatus: { coding: [expect.objectContaining({ code: 'not-enrolled-on-waitlist' })] } },
    ],
    ['another business status is words', 'RF1|A|||||R-77', 'NTE|1||Business status: fine\r', { reason: 'Business status: fine' }],
    ['a state that RF1-1 has no word for', 'RF1|A|||||R-77', 'NTE|1||Referral state: in-progress\r', { to: 'in-progress' }],
  ])('%s', (_, rf1, more, expected) => {
    expect(rriToTransition(rri(rf1, more))).toMatchObject({ ok: true, value: expected })
  })
  test.each([
    ['no referral', read('MSH|^~\\&|A|B|C|D|2026||RRI^I12|9|P|2.5.1\rMSA|AA|1\r'), 'required-missing'],
    ['pending asks for nothing', rri('RF1|P|||||R-77'), 'code-unknown'],
    [
      'an error is no rejection',
      read('MSH|^~\\&|A|B|C|D|2026||RRI^I12|9|P|2.5.1\rMSA|AE|1\rRF1|R|||||R-77\r'),
      'referral-not-taken',
    ],
    ['an ACK', read('MSH|^~\\&|A|B|C|D|2026||ACK|9|P|2.5.1\rMSA|AA|1\r'), 'trigger-unsupported'],
  ])('refuses: %s', (_, message, code) => {
    expect(rriToTransition(message)).toMatchObject({ ok: false, error: { code } })
  })
  test.each([
    ['bayou-bh', true],
    ['harbor-housing', false],
  ])('whoever MSH-3 says it is, %s proved by its certificate may: %s', (peer, may) => {
    const answer = rriToTransition(rri('RF1|A|||||R-77'))
    if (!answer.ok) throw new Error(answer.error.code)
    const parties = { requester: partnerId('mission'), target: partnerId('bayou-bh') }
    expect(
      transition(task, parties, partnerId(peer), {
        to: answer.value.to,
        at: instant('2026-11-21T12:00:00Z'),
        assertionSource: 'RECEIVING_ORG',
      }).ok,
    ).toBe(may)
  })
  test('what the gateway tells is read back as the same state', () => {
    for (const [status, reason] of [
      ['accepted'],
      ['rejected', 'not our area'],
      ['on-hold', 'papers'],
      ['completed'],
      ['failed', 'moved away'],
    ] as const) {
      const told = rriFromReferral(
        {
          serviceRequest: request,
          task: { ...task, status, ...(reason === undefined ? {} : { statusReason: { text: reason } }) },
          patient,
          trigger: 'I12',
          inReplyTo: 'X',
          statements: [],
        },
        envelope,
      )
      expect(rriToTransition(told)).toMatchObject({
        ok: true,
        value: { to: status, referralId: 'R-77', inReplyTo: 'X', ...(reason === undefined ? {} : { reason }) },
      })
    }
  })
  test('a refused move is acknowledged and told in words', () => {
    const told = rriFromReferral(
      {
        serviceRequest: request,
        task,
        patient,
        trigger: 'I14',
        inReplyTo: 'X',
        refusal: problem('conflict', 'transition-not-allowed', { detail: 'completed does not lead to cancelled' }),
        statements: [],
      },
      envelope,
    )
    expect(segmentsNamed(told, 'MSA')[0]?.fields.slice(1)).toEqual(['AA', 'X'])
    expect(segmentsNamed(told, 'NTE')[0]?.fields[3]).toBe('Refused: completed does not lead to cancelled')
  })
})

/** Values of a message by place, so that two messages can be compared. */
const valuesOf = (message: Message): Map<string, number> => {
  const counts = new Map<string, number>()
  for (const segment of message.segments) {
    if (segment.id === 'MSH') continue
    for (const [field, raw] of segment.fields.entries()) {
      if (field === 0 || (field === 1 && /^\d+$/.test(raw))) continue
      for (const value of raw.split(/[~^&]/)) {
        const key = `${segment.id}-${String(field)} ${value}`
        if (value !== '') counts.set(key, (counts.get(key) ?? 0) + 1)
      }
    }
  }
  return counts
}

const own = new URL('./samples/', import.meta.url).pathname
const shared = '/work/shared/data/exchange/hl7v2/samples-ms/'
const samples = [own, shared].flatMap((folder) =>
  existsSync(folder)
    ? readdirSync(folder)
        .filter((name) => /^REF.*\.hl7$/i.test(name))
        .map((name) => folder + name)
    : [],
)

/** Measured, so that a map that loses more than it did is noticed: values, back in their place, on the ledger, in another place. */
const MEASURED: Readonly<Record<string, object>> = {
  'REF-I12-01.hl7': { values: 577, back: 189, ledger: 372, elsewhere: 30 },
}

describe('REF to FHIR and back to REF', () => {
  test.each(samples)('%s: what does not come back is on the loss ledger', (path) => {
    const original = read(readFileSync(path))
    const forth = inbound(original)
    const back = refI12FromFhir(
      {
        asks: forth.asks,
        serviceRequest: forth.serviceRequest,
        task: forth.task,
        patient: forth.patient,
        resources: forth.resources,
        statements: [],
      },
      { ...envelope, version: '2.8' },
    ).message
    const after = valuesOf(back)
    const ledger = new Map<string, number>()
    for (const loss of forth.losses) {
      const key = `${loss.place.replace(/\[\d+\]/, '').replace(/\(.*/, '')} ${loss.raw}`
      ledger.set(key, (ledger.get(key) ?? 0) + 1)
    }
    const missing = [...valuesOf(original)]
      .filter(([key, count]) => (after.get(key) ?? 0) + (ledger.get(key) ?? 0) < count)
      .map(([key]) => key)
    const total = [...valuesOf(original).values()].reduce((sum, count) => sum + count, 0)
    const kept = [...valuesOf(original)].reduce((sum, [key, count]) => sum + Math.min(count, after.get(key) ?? 0), 0)
    expect(forth.count.read + forth.losses.filter((loss) => loss.why === 'no-home').length).toBe(forth.count.values)
    const name = path.split('/').at(-1) ?? ''
    expect({ values: total, back: kept, ledger: forth.losses.length, elsewhere: missing.length }).toEqual(MEASURED[name])
  })
})
