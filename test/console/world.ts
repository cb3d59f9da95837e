import type { ConsoleHouse } from './house.ts'

const daysAgo = (days: number): string => new Date(Date.now() - days * 86_400_000).toISOString().slice(0, 10)

/** What happened before somebody opens the console: a client with consents, referrals, disclosures, an emergency, a faulty record. */
export const openWorld = async ({ street }: ConsoleHouse): Promise<{ readonly patient: string; readonly consent: string }> => {
  let patient = ''
  let consent = ''
  for (const [record, name] of [
    ['staff', 'staff-case-manager'],
    ['staff', 'staff-peer-support-specialist'],
    ['client', 'client'],
    ['enrolment', 'enrolment'],
    ['treatment-plan', 'treatment-plan'],
    ['progress-note', 'progress-note'],
    ['housing-interview', 'housing-interview'],
    ['consent', 'consent-housing'],
    ['consent', 'consent-hospital'],
    ['referral', 'referral-housing'],
  ] as const) {
    const made = await street.post(record, name)
    patient = made.find((reference) => reference.startsWith('Patient/'))?.slice(8) ?? patient
    consent = made.find((reference) => reference.startsWith('Consent/'))?.slice(8) ?? consent
  }
  for (const who of ['st-mary-hospital', 'harbor-housing', 'montrose-hiv'] as const)
    for (const path of ['/CarePlan', `/Patient/${patient}`, '/Goal']) await street.ask(who, path)
  const send = async (path: string, body: unknown): Promise<void> => {
    await fetch(`${street.gateway.origin}/mission/v1/${path}`, {
      method: 'POST',
      headers: { authorization: `Bearer ${await street.token('mission')}`, 'content-type': 'application/json' },
      body: JSON.stringify(body),
    })
  }
  await send('legal-basis', {
    id: 'emergency-1',
    kind: 'medical-emergency',
    patient,
    recipient: 'st-mary-hospital',
    nature: 'found unresponsive',
    personnelName: 'Alex HTEST-Doctor',
    personnelRole: 'emergency physician',
    facility: 'St. Mary Hospital',
    disclosedBy: 'Sam HTEST-Manager',
    consentImpossibleBecause: 'unconscious',
    from: new Date().toISOString(),
  })
  await send('enrolment', { recordId: 'faulty-1' })
  await send('patient-requests', {
    patient,
    right: 'accounting',
    receivedOn: daysAgo(70),
    isInWriting: true,
    words: 'Who has seen my records? HTEST',
  })
  await send('breaches', { discoveredOn: daysAgo(20), what: 'a printed list was lost', individuals: 3, mostInOneState: 3 })
  await street.db.query(
    `select outbox_enqueue('01890000-0000-7000-8000-00000000000a', 'st-mary-hospital', 'x', 'fhir-push', null, null, 't', '{}', 'k', null, now())`,
  )
  await street.db.query(`select incident_note('st-mary-hospital', 'connection-refused', now())`)
  return { patient, consent }
}
