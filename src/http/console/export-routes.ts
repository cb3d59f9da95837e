import { once } from 'node:events'
import type { Request, Response, Router } from 'express'
import { exportDisclosures } from '../../flow/console/disclosures.ts'
import type { House } from '../../flow/house.ts'
import type { DisclosureLine } from '../../model/console-disclosures.ts'
import { problem } from '../../platform/problem.ts'
import { disclosureFilter } from './shapes.ts'
import { sendConsoleProblem, signedOf } from './site.ts'

/** A field as spreadsheets read it: one that begins like a formula is text. @spec RFC 4180; OWASP CSV injection */
const field = (text: string): string => {
  const safe = /^[=+\-@\t\r]/.test(text) ? `'${text}` : text
  return /[",\n\r]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe
}

const HEAD = ['number', 'at (UTC)', 'kind', 'who', 'name', 'purposes', 'through', 'asked', 'what', 'basis', 'patients']

const lineOf = (row: DisclosureLine): string =>
  [
    String(row.seq),
    row.at,
    row.kind,
    row.who,
    row.whoName,
    row.purposes.join(' '),
    row.door,
    row.interaction,
    row.what,
    row.bases.join(' '),
    row.patients.map(({ id }) => id).join(' '),
  ]
    .map(field)
    .join(',')

const filterIn = (body: unknown): unknown => {
  const text = typeof body === 'object' && body !== null && 'filter' in body ? body.filter : undefined
  try {
    return JSON.parse(typeof text === 'string' ? text : '')
  } catch {
    return undefined
  }
}

/** Downloads: a form of our own page posts them, so that the browser streams to a file. */
export const exportRoutes = (router: Router, house: House): void => {
  router.post('/disclosures.csv', async (req: Request, res: Response) => {
    const filter = disclosureFilter.safeParse(filterIn(req.body))
    const blocks = filter.success ? await exportDisclosures(house, signedOf(res).staff, filter.data) : undefined
    if (blocks === undefined) {
      sendConsoleProblem(res, problem('invalid', 'body-malformed'))
      return
    }
    if (!blocks.ok) {
      sendConsoleProblem(res, blocks.error)
      return
    }
    res.type('text/csv').set('Content-Disposition', 'attachment; filename="disclosures.csv"')
    res.write(`${HEAD.join(',')}\r\n`)
    for await (const rows of blocks.value) {
      if (res.destroyed) return
      if (!res.write(rows.map((row) => `${lineOf(row)}\r\n`).join(''))) await once(res, 'drain')
    }
    res.end()
  })
}
