// In: which consents an officer wants to see. Out: each with its § 2.31 check, its scope in words, and who sees what because of it.
// Never: judges by rules of its own: the check and the decision are those of `consent/`.
import type { Consent as FhirConsent } from '@medplum/fhirtypes'
import { describe } from '../../audit/accounting.ts'
import { ELEMENTS } from '../../consent/deficiencies.ts'
import { readConsent } from '../../consent/read-consent.ts'
import { scopeOf } from '../../consent/scope.ts'
import type { ConsentExplained, ConsentLine } from '../../model/console-consents.ts'
import type { StaffMember } from '../../model/staff.ts'
import { problem } from '../../platform/problem.ts'
import { fail, ok, type Result } from '../../platform/result.ts'
import { listPartners } from '../../store/partners.ts'
import { CONSENT_KEYS, listConsentLines, shownBecauseOf, type ConsentQuery } from '../../store/consent-lines.ts'
import { readRecord, type StoredRecord } from '../../store/records.ts'
import { explainFor } from '../explain.ts'
import type { House } from '../house.ts'
import { acceptsBy, cut, oneMore, recordsIn, type ConsoleList } from './list.ts'
import { look, type Place } from './look.ts'
import { clientNames } from './names.ts'

const CONSENTS: Place = { name: 'consents', permission: 'consents.read' }

const lackWords = ({ lacks }: ConsentLine): string => lacks.map(({ requirement }) => requirement).join(' ')

/** Consents, each with its check. */
export const consentList: ConsoleList<'consents', ConsentQuery, ConsentLine> = {
  name: 'consents',
  permission: 'consents.read',
  accepts: acceptsBy(CONSENT_KEYS),
  read: async (house, who, query, part) => {
    const { shown, ...next } = cut(await listConsentLines(house.db, query, oneMore(part)), part.limit)
    const rows = await linesOf(house, who, await recordsIn(house, 'Consent', shown))
    return { rows, patients: [...rows.map(({ client }) => client.id), query.patient], ...next }
  },
  cells: {
    consent: ({ id }) => id,
    version: ({ version }) => version,
    client: ({ client }) => client.id,
    status: ({ status }) => status,
    'updated (UTC)': ({ updated }) => updated,
    'filed by': ({ by }) => by,
    until: ({ until = '' }) => until,
    lacks: lackWords,
    bars: ({ bars }) => bars.map(({ rule }) => rule).join(' '),
  },
}

const linesOf = async (house: House, who: StaffMember, records: readonly StoredRecord[]): Promise<readonly ConsentLine[]> => {
  const patients = [...new Set(records.map(({ patient }) => patient))]
  const clientOf = await clientNames(house, who, patients)
  const partners = await listPartners(house.db)
  const programme = partners.find(({ kinds }) => kinds.includes('programme'))
  const standing = new Map<string, Pick<ConsentLine, 'lacks' | 'bars' | 'status'>>()
  for (const patient of patients) {
    const page = programme === undefined ? undefined : await explainFor(house, { patient, partner: programme.id })
    if (page?.ok !== true) continue
    for (const { consent, status, deficiencies, bars } of page.value.consents) {
      const lacks = deficiencies.map(({ rule, law, message }) => ({ requirement: rule, law, words: message }))
      standing.set(consent, { lacks, bars, status })
    }
  }
  return records.map((record) => {
    const consent = record.resource as FhirConsent
    const until = consent.provision?.period?.end
    const known = standing.get(`Consent/${record.id}`)
    return {
      id: record.id,
      version: String(record.version),
      client: clientOf(record.patient),
      status: consent.status,
      updated: record.updated,
      by: partners.find(({ id }) => id === record.origin.partner)?.name ?? record.origin.partner,
      ...(until === undefined ? {} : { until }),
      lacks: known?.lacks ?? [],
      // what a partner filed and nobody accepted is not among the consents that count
      bars: known?.bars ?? [{ rule: 'not-accepted', law: '42 CFR 2.31(a)' }],
    }
  })
}

/** One consent with everything about it. */
export const explainConsent = (house: House, who: StaffMember, id: string): Promise<Result<ConsentExplained>> =>
  look(house, who, { ...CONSENTS, name: 'consents/:id' }, async () => {
    const record = await readRecord(house.db, 'Consent', id)
    const [line] = record === undefined || record.isDeleted ? [] : await linesOf(house, who, [record])
    if (record === undefined || line === undefined)
      return fail(problem('not-found', 'consent-unknown', { detail: 'no consent has this id' }))
    const consent = readConsent({ ...record.resource, meta: { versionId: line.version } } as FhirConsent)
    const rows = await shownBecauseOf(house.db, record.patient, `Consent/${id}`, house.clock.now())
    const partners = await listPartners(house.db)
    const missing = new Set(line.lacks.map(({ requirement }) => requirement))
    const page: ConsentExplained = {
      line,
      scope: { en: scopeOf(consent, 'en'), es: scopeOf(consent, 'es') },
      checked: ELEMENTS.map(({ id: requirement, law, message }) => ({
        requirement,
        law,
        words: message,
        isMet: !missing.has(requirement),
      })),
      sees: [...Map.groupBy(rows, ({ recipient }) => recipient)].map(([partner, own]) => ({
        partner,
        name: partners.find((one) => one.id === partner)?.name ?? partner,
        what: describe(own.flatMap(({ type, records }) => Array.from({ length: records }, () => `${type}/x`))),
      })),
    }
    return ok({ page, patients: [record.patient], record: `Consent/${id}` })
  })
