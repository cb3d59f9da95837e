import type { Resource } from '@medplum/fhirtypes'
import { createHash } from 'node:crypto'
import type { Consultation } from '../consent/consult.ts'
import { noticeOf } from '../disclosure/notice.ts'
import { disclosureId } from '../model/ids.ts'
import type { DisclosureEntry, RefusalEntry } from '../model/ledger.ts'
import type { HeldFacts } from '../store/facts.ts'
import type { Looker } from './explain.ts'
import type { House } from './house.ts'

/** The answer of the hook; nothing of what was brought comes back but on a permit. */
export interface ConsultAnswer {
  readonly decision: Consultation['decision']
  readonly obligations: Consultation['obligations']
  readonly basedOn?: string
  readonly content?: { readonly resourceType: 'Bundle'; readonly type: 'collection'; readonly entry: { resource: Resource }[] }
  /** The statement and the scope that go along with content disclosed with consent. @law 42 CFR 2.32(a), (b) */
  readonly notice?: string
}

const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex')

const OUR_ID = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/

/** An id that somebody else chose may be a name, and goes on the ledger as a digest. */
const onLedger = (key: string): string => {
  const [type = '', id = ''] = key.split('/')
  return OUR_ID.test(id) ? key : `${type}/sha256:${sha256(id).slice(0, 16)}`
}

/** What goes on the ledger before an answer leaves. */
export const entryFor = (
  house: House,
  looker: Looker,
  said: Consultation,
  answer: ConsultAnswer,
  held: HeldFacts | undefined,
): DisclosureEntry | RefusalEntry => {
  const at = house.clock.now()
  const asking = {
    id: disclosureId(house.newId()),
    recipient: looker.partner,
    purposes: looker.purposes,
    door: 'cds-hooks' as const,
    interaction: 'patient-consent-consult',
    ...(looker.subject === undefined ? {} : { subject: { hash: sha256(looker.subject.id) } }),
  }
  if (said.decision !== 'CONSENT_PERMIT')
    return { kind: 'refusal', at, ...asking, code: said.decision === 'NO_CONSENT' ? 'no-consent' : 'consent-denies' }
  const payload = JSON.stringify(answer)
  const shown = answer.content?.entry ?? []
  const kept = (said.content ?? []).filter(({ key }) =>
    shown.some(({ resource }) => `${resource.resourceType}/${resource.id ?? ''}` === key),
  )
  const { statement, edition } = noticeOf(house.settings.statement)
  return {
    kind: 'disclosure',
    at,
    ...asking,
    bases: said.content === undefined ? basisOf(said) : kept.map(({ basis }) => basis),
    records: kept.map(({ key }, index) => ({
      record: onLedger(key),
      version: sha256(
        JSON.stringify(shown.find(({ resource }) => `${resource.resourceType}/${resource.id ?? ''}` === key)),
      ).slice(0, 16),
      basis: index,
      ...(held === undefined ? {} : { patient: held.facts.patient }),
    })),
    obligations: said.obligations.map(({ id }) => id.code),
    ...(answer.notice === undefined ? {} : { notice: { statement, edition, languages: ['en', 'es'] } }),
    content: sha256(payload),
    bytes: Buffer.byteLength(payload),
  }
}

const basisOf = ({ basedOn }: Consultation): DisclosureEntry['bases'] =>
  basedOn === undefined ? [] : [{ kind: 'consent', reference: basedOn }]

/** A consultation that was refused as a request is on the ledger as well. */
export const noteRefusedConsult = async (house: House, { partner, purposes, subject }: Looker, code: string): Promise<void> => {
  await house.ledger.append({
    kind: 'refusal',
    at: house.clock.now(),
    id: disclosureId(house.newId()),
    recipient: partner,
    purposes,
    door: 'cds-hooks',
    interaction: 'patient-consent-consult',
    code,
    ...(subject === undefined ? {} : { subject: { hash: sha256(subject.id) } }),
  })
}
