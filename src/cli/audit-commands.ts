import { createPublicKey, type KeyObject } from 'node:crypto'
import { createWriteStream } from 'node:fs'
import { readFile, writeFile } from 'node:fs/promises'
import { once } from 'node:events'
import { extname } from 'node:path'
import { z } from 'zod'
import {
  accountingAs,
  accountingFor,
  exportWholeLedger,
  parseHeads,
  verifyFile,
  type AccountingForm,
  type AccountingRow,
} from '../flow/audit.ts'
import type { House } from '../flow/house.ts'
import { checkProof, forgetContent, proveDisclosure } from '../flow/proof.ts'
import { day, startOfDay, type Day } from '../model/time.ts'
import { CommandError, jsonFile, needed, OPERATOR, refuse, type Command, type Say } from './command.ts'

const basisWords = ({ basis }: AccountingRow): string =>
  [basis.kind, basis.reference, basis.version === undefined ? undefined : `version ${basis.version}`]
    .filter((part) => part !== undefined)
    .join(' ')

const sayAccounting = (rows: readonly AccountingRow[], say: Say): void => {
  for (const row of rows) say([row.at, row.recipientName, row.purposes.join('+'), basisWords(row), row.what].join('\t'))
  say(`${String(rows.length)} disclosures`)
}

const dayFrom = (text: string): Day => {
  try {
    return day(text)
  } catch {
    throw new CommandError('a day is needed, as 2026-03-01')
  }
}

const FORM_OF: Readonly<Record<string, AccountingForm>> = { '.pdf': 'pdf', '.csv': 'csv', '.txt': 'text' }

const account = async (house: House, args: readonly string[], say: Say, isIntermediaryList: boolean): Promise<number> => {
  const patient = needed(args, 0, 'PATIENT').replace(/^Patient\//, '')
  const more = args.slice(1)
  const on = more.find((arg) => /^\d/.test(arg))
  const path = more.find((arg) => extname(arg) in FORM_OF)
  const rows = await accountingFor(house, OPERATOR, {
    patient,
    isIntermediaryList,
    ...(on === undefined ? {} : { requestedOn: dayFrom(on) }),
  })
  const form = path === undefined ? undefined : FORM_OF[extname(path)]
  if (path === undefined || form === undefined) {
    sayAccounting(rows, say)
    return 0
  }
  const language = more.includes('es') ? 'es' : 'en'
  await writeFile(path, await accountingAs(form, rows, house.settings.zone, `Patient/${patient}`, language), { mode: 0o600 })
  say(`${String(rows.length)} disclosures in ${path}`)
  return 0
}

const publicKeyFrom = async (path: string): Promise<KeyObject> => {
  const text = await readFile(path, 'utf8').catch(() => {
    throw new CommandError(`${path} cannot be read`)
  })
  try {
    return createPublicKey(text)
  } catch {
    throw new CommandError(`${path} is not a key in PEM`)
  }
}

export const auditCommands: readonly Command[] = [
  {
    kind: 'house',
    words: ['audit', 'export'],
    takes: 'FILE.jsonl',
    does: 'writes the ledger as JSON Lines, for a check from outside',
    run: async (house, args, say) => {
      const path = needed(args, 0, 'FILE.jsonl')
      const stream = createWriteStream(path, { mode: 0o600 })
      const count = await exportWholeLedger(house, OPERATOR, stream)
      stream.end()
      await once(stream, 'finish')
      say(`${String(count)} entries in ${path}`)
      return 0
    },
  },
  {
    kind: 'alone',
    words: ['audit', 'verify'],
    takes: 'FILE.jsonl HEADS.jsonl KEY.pem',
    does: 'checks a copy of the ledger against the published heads; needs no gateway and no database',
    run: async (args, say) => {
      const [path, headsPath, keyPath] = ['FILE.jsonl', 'HEADS.jsonl', 'KEY.pem'].map((what, index) => needed(args, index, what))
      const heads = parseHeads(await readFile(headsPath ?? '', 'utf8'))
      if (!heads.ok) throw new CommandError(`${headsPath ?? ''}: ${heads.error.detail ?? heads.error.code}`)
      const verified = await verifyFile(path ?? '', heads.value, [await publicKeyFrom(keyPath ?? '')])
      say(verified.ok ? `verified: ${JSON.stringify(verified.value)}` : `BROKEN: ${JSON.stringify(verified.error)}`)
      return verified.ok ? 0 : 1
    },
  },
  {
    kind: 'house',
    words: ['audit', 'proof'],
    takes: 'DISCLOSURE FILE.json',
    does: 'writes what was shown in a disclosure, why, and the proof that it is on the ledger',
    run: async (house, args, say) => {
      const path = needed(args, 1, 'FILE.json')
      const proven = await proveDisclosure(house, OPERATOR, needed(args, 0, 'DISCLOSURE'))
      if (!proven.ok) return refuse(proven.error)
      await writeFile(path, `${JSON.stringify(proven.value, undefined, 2)}\n`, { mode: 0o600 })
      const { records, content, proof } = proven.value
      const kept = records.filter(({ text }) => text !== undefined).length
      say(
        `entry ${String(proof.seq)} of ${String(proof.head.size)}; ${String(kept)} of ${String(records.length)} records; ${content}`,
      )
      return 0
    },
  },
  {
    kind: 'alone',
    words: ['audit', 'check'],
    takes: 'FILE.json KEY.pem',
    does: 'checks such a proof with nothing but the public key of the ledger',
    run: async (args, say) => {
      const file = z.looseObject({ proof: z.unknown() }).safeParse(await jsonFile(needed(args, 0, 'FILE.json')))
      const key = await publicKeyFrom(needed(args, 1, 'KEY.pem'))
      const checked = checkProof(file.success ? file.data.proof : undefined, [key])
      say(typeof checked === 'string' ? `PROVES NOTHING: ${checked}` : `proven: ${checked.kind} at ${checked.at}`)
      return typeof checked === 'string' ? 1 : 0
    },
  },
  {
    kind: 'house',
    words: ['audit', 'forget'],
    takes: 'YYYY-MM-DD',
    does: 'removes the texts of versions that nobody has been allowed to see since that day; their hashes stay on the ledger',
    run: async (house, args, say) => {
      const before = startOfDay(dayFrom(needed(args, 0, 'YYYY-MM-DD')), house.settings.zone)
      say(`${String(await forgetContent(house, OPERATOR, before))} texts removed`)
      return 0
    },
  },
  {
    kind: 'house',
    words: ['accounting'],
    takes: 'PATIENT [YYYY-MM-DD] [FILE.pdf|FILE.csv|FILE.txt] [en|es]',
    does: 'the accounting of disclosures of one patient (42 CFR 2.25): printed, or written as a letter or a table',
    run: (house, args, say) => account(house, args, say, false),
  },
  {
    kind: 'house',
    words: ['intermediaries'],
    takes: 'PATIENT [YYYY-MM-DD] [FILE.pdf|FILE.csv|FILE.txt] [en|es]',
    does: 'the list of disclosures that went through an intermediary (42 CFR 2.24)',
    run: (house, args, say) => account(house, args, say, true),
  },
]
