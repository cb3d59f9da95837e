import type { Response, Router } from 'express'
import { z } from 'zod'
import { proofFile } from '../../flow/console/proofs.ts'
import { letterFor } from '../../flow/console/requests.ts'
import type { House } from '../../flow/house.ts'
import { problem } from '../../platform/problem.ts'
import { id } from './shapes.ts'
import { sendConsoleProblem, signedOf } from './site.ts'

const csrf = z.string()
const letter = z.strictObject({ id, form: z.enum(['pdf', 'csv', 'text']), language: z.enum(['en', 'es']), csrf })
const proof = z.strictObject({ id, csrf })

const sendFile = (res: Response, name: string, type: string, bytes: Buffer): void => {
  res
    .set({ 'Content-Type': type, 'Content-Disposition': `attachment; filename="${name}"`, 'Cache-Control': 'no-store' })
    .send(bytes)
}

/** Files about one person, that a form of our own page asks for; their names say nothing of whose they are. */
export const letterRoutes = (router: Router, house: House): void => {
  router.post('/requests/letter', async (req, res) => {
    const asked = letter.safeParse(req.body)
    if (!asked.success) {
      sendConsoleProblem(res, problem('invalid', 'body-malformed'))
      return
    }
    const made = await letterFor(house, signedOf(res).staff, asked.data.id, asked.data.form, asked.data.language)
    if (made.ok) sendFile(res, made.value.name, made.value.type, made.value.bytes)
    else sendConsoleProblem(res, made.error)
  })
  router.post('/disclosures/proof.json', async (req, res) => {
    const asked = proof.safeParse(req.body)
    if (!asked.success) {
      sendConsoleProblem(res, problem('invalid', 'body-malformed'))
      return
    }
    const proven = await proofFile(house, signedOf(res).staff, asked.data.id)
    if (!proven.ok) {
      sendConsoleProblem(res, proven.error)
      return
    }
    const bytes = Buffer.from(`${JSON.stringify(proven.value, undefined, 2)}\n`)
    sendFile(res, `disclosure-${asked.data.id}-proof.json`, 'application/json', bytes)
  })
}
