import { Router, type Request, type Response } from 'express'
import { z } from 'zod'
import { auditBundle, readAuditEvent, searchAuditEvents, type EntryQuery } from '../flow/audit-events.ts'
import type { House } from '../flow/house.ts'
import { instant, plusMs, startOfDay, day, type Instant } from '../model/time.ts'
import { problem } from '../platform/problem.ts'
import { fail, ok, type Result } from '../platform/result.ts'
import { forProgramme, mayNot, needing, programmeOf } from './authenticate.ts'
import { FHIR_JSON, sendProblem } from './outcome.ts'

const KINDS: Readonly<Record<string, NonNullable<EntryQuery['kinds']>>> = {
  disclosure: ['disclosure'],
  refusal: ['refusal'],
  write: ['write'],
  consent: ['consent.filed', 'consent.revoked', 'consent.decided'],
  review: ['review'],
  basis: ['basis'],
  referral: ['referral'],
  delivery: ['delivery'],
  staff: ['staff'],
  partner: ['partner'],
  'patient-request': ['patient-request'],
  'patient-notice': ['patient-notice'],
  breach: ['breach'],
  gateway: ['gateway'],
}

const COUNT_MAX = 1_000

const parameters = z.strictObject({
  date: z.union([z.string(), z.array(z.string())]).optional(),
  patient: z
    .string()
    .regex(/^(Patient\/)?[A-Za-z0-9\-.]{1,64}$/)
    .optional(),
  agent: z
    .string()
    .regex(/^(Organization\/)?[a-z0-9][a-z0-9-]{1,62}$/)
    .optional(),
  subtype: z.string().optional(),
  _count: z.coerce.number().int().min(1).optional(),
  _before: z.coerce.number().int().min(1).optional(),
})

/** A date with its prefix as a half-open stretch. @spec FHIR R4 search.html#date */
const stretchOf = (text: string, zone: string): { readonly from?: Instant; readonly until?: Instant } | undefined => {
  const [, prefix = 'eq', value = ''] = /^(eq|ge|gt|le|lt)?(.+)$/.exec(text) ?? []
  try {
    const isDay = /^\d{4}-\d\d-\d\d$/.test(value)
    const start = isDay ? startOfDay(day(value), zone) : instant(value)
    const end = isDay ? startOfDay(day(value), zone, 1) : plusMs(start, 1)
    switch (prefix) {
      case 'ge':
        return { from: start }
      case 'gt':
        return { from: end }
      case 'le':
        return { until: end }
      case 'lt':
        return { until: start }
      default:
        return { from: start, until: end }
    }
  } catch {
    return undefined
  }
}

const refused = (detail: string): Result<never> => fail(problem('invalid', 'parameter-invalid', { detail }))

const queryOf = (req: Request, zone: string): Result<EntryQuery> => {
  const parsed = parameters.safeParse(req.query)
  if (!parsed.success) return refused(`a parameter is not understood; known: ${Object.keys(parameters.shape).join(', ')}`)
  const { date, patient, agent, subtype, _count, _before } = parsed.data
  const kinds = subtype === undefined ? undefined : subtype.split(',').flatMap((one) => KINDS[one] ?? [])
  if (kinds?.length === 0) return refused(`subtype is one of: ${Object.keys(KINDS).join(', ')}`)
  const stretches = [date ?? []].flat().map((text) => stretchOf(text, zone))
  const from = stretches
    .flatMap((stretch) => stretch?.from ?? [])
    .toSorted()
    .at(-1)
  const [until] = stretches.flatMap((stretch) => stretch?.until ?? []).toSorted()
  if (stretches.includes(undefined)) return refused('date is a day or an instant, with eq, ge, gt, le or lt before it')
  return ok({
    ...(kinds === undefined ? {} : { kinds }),
    ...(agent === undefined ? {} : { recipient: agent.replace(/^Organization\//, '') }),
    ...(patient === undefined ? {} : { patient: patient.replace(/^Patient\//, '') }),
    ...(from === undefined ? {} : { from }),
    ...(until === undefined ? {} : { until }),
    ...(_before === undefined ? {} : { before: _before }),
    count: Math.min(_count ?? 50, COUNT_MAX),
  })
}

/** What everybody but the programme finds here. */
const NOWHERE = problem('not-found', 'no-such-address')

const search = async (house: House, base: string, req: Request, res: Response): Promise<void> => {
  if (mayNot(res, 'AuditEvent', 's')) return
  const query = queryOf(req, house.settings.zone)
  if (!query.ok) {
    sendProblem(res, query.error)
    return
  }
  const page = await searchAuditEvents(house, programmeOf(res), query.value)
  const asked = new URLSearchParams(new URL(req.originalUrl, base).search)
  const next = (before: number): string => {
    const more = new URLSearchParams(asked)
    more.set('_before', String(before))
    return `${base}/AuditEvent?${more.toString()}`
  }
  const self = `${base}/AuditEvent?${asked.toString()}`
  res.type(FHIR_JSON).send(JSON.stringify(auditBundle(page, self, { event: (id) => `${base}/AuditEvent/${id}`, next })))
}

/**
 * The ledger as a FHIR audit record repository, for the programme's own systems.
 * @param base address of this router as the outside sees it
 * @spec IHE ITI-81 Retrieve ATNA Audit Event
 */
export const auditRouter = (house: House, base: string): Router => {
  const router = Router({ caseSensitive: true })
  router.use(forProgramme(house, NOWHERE))
  router.get('/AuditEvent', needing(house, '/audit/fhir/AuditEvent'), (req, res) => search(house, base, req, res))
  router.get('/AuditEvent/:id', needing(house, '/audit/fhir/AuditEvent/:id'), async (req: Request, res: Response) => {
    if (mayNot(res, 'AuditEvent', 'r')) return
    const seq = Number(/^ledger-([1-9]\d{0,14})$/.exec(String(req.params['id']))?.[1] ?? 0)
    const event = await readAuditEvent(house, programmeOf(res), seq)
    if (event.ok) res.type(FHIR_JSON).send(JSON.stringify(event.value))
    else sendProblem(res, event.error)
  })
  return router
}
