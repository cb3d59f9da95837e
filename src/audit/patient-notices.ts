// In: versions of the notice to patients, and to whom each was given. Out: the register, and who lacks the version in force.
// Never: changes the wording of a version, or what was written down about who got it.
import type { Day, Instant } from '../model/time.ts'
import type { Tx } from '../platform/db.ts'

/** One wording of a version. */
export interface NoticeText {
  readonly language: string
  readonly sha256: string
  readonly body: string
}

/** One version of the programme's notice. @law 42 CFR 2.22(b) */
export interface NoticeVersion {
  readonly version: string
  readonly effectiveFrom: Day
  readonly texts: readonly NoticeText[]
}

/** That a patient was given a version. @law 42 CFR 2.22(a); 45 CFR 164.520(c)(2)(ii) */
export interface NoticeGivenTo {
  readonly id: string
  readonly patient: string
  readonly version: string
  readonly language: string
  readonly givenOn: Day
  readonly how: 'in-person' | 'mail' | 'electronic'
  readonly acknowledged: 'signed' | 'electronic' | 'not-obtained'
  /** Why none was obtained. */
  readonly because?: string
}

/** A patient who was not given the version in force. */
export interface WithoutNotice {
  readonly patient: string
  /** The version that was given last, if any was. */
  readonly version?: string
  readonly givenOn?: Day
}

/** Keeps a version with its wordings. */
export const keepNotice = async (tx: Tx, { version, effectiveFrom, texts }: NoticeVersion, at: Instant): Promise<void> => {
  await tx.query('insert into patient_notice (version, effective_from, entered_at) values ($1, $2::date, $3)', [
    version,
    effectiveFrom,
    at,
  ])
  await tx.query(
    `insert into patient_notice_text (version, language, body, sha256)
     select $1, language, body, sha256 from unnest($2::text[], $3::text[], $4::text[]) as t (language, body, sha256)`,
    [version, texts.map(({ language }) => language), texts.map(({ body }) => body), texts.map(({ sha256 }) => sha256)],
  )
}

/** Every version with its wordings, the newest first. */
export const listNotices = async (tx: Tx): Promise<readonly NoticeVersion[]> => {
  const rows = await tx.query<{ readonly notice: NoticeVersion }>(
    `select jsonb_build_object('version', n.version, 'effectiveFrom', n.effective_from, 'texts',
       (select jsonb_agg(jsonb_build_object('language', t.language, 'sha256', t.sha256, 'body', t.body) order by t.language)
        from patient_notice_text t where t.version = n.version)) as notice
     from patient_notice n order by n.effective_from desc`,
    [],
  )
  return rows.map(({ notice }) => notice)
}

/** Writes down that a version was given. */
export const keepGiven = async (tx: Tx, given: NoticeGivenTo): Promise<void> => {
  await tx.query(
    `insert into patient_notice_given (id, patient, version, language, given_on, how, acknowledged, because)
     values ($1, $2, $3, $4, $5::date, $6, $7, $8)`,
    [given.id, given.patient, given.version, given.language, given.givenOn, given.how, given.acknowledged, given.because ?? null],
  )
}

/** What one patient was given, the newest first. */
export const givenTo = async (tx: Tx, patient: string): Promise<readonly NoticeGivenTo[]> => {
  const rows = await tx.query<{ readonly given: NoticeGivenTo }>(
    `select jsonb_strip_nulls(jsonb_build_object('id', id, 'patient', patient, 'version', version, 'language', language,
       'givenOn', given_on, 'how', how, 'acknowledged', acknowledged, 'because', because)) as given
     from patient_notice_given where patient = $1 order by given_on desc, id desc`,
    [patient],
  )
  return rows.map(({ given }) => given)
}

/**
 * Patients of the programme who were not given this version, by id.
 * @param after the id after which the page begins
 */
export const withoutNotice = async (tx: Tx, version: string, after: string, count: number): Promise<readonly WithoutNotice[]> => {
  const rows = await tx.query<{ readonly row: WithoutNotice }>(
    `select jsonb_strip_nulls(jsonb_build_object('patient', p.id, 'version', g.version, 'givenOn', g.given_on)) as row
     from record p
     left join lateral (select version, given_on from patient_notice_given
                        where patient = p.id order by given_on desc, id desc limit 1) g on true
     where p.type = 'Patient' and p.is_current and not p.is_deleted and p.id > $2
       and not exists (select from patient_notice_given h where h.patient = p.id and h.version = $1)
     order by p.id limit $3`,
    [version, after, count],
  )
  return rows.map(({ row }) => row)
}
