import { createPublicKey, type KeyObject } from 'node:crypto'
import { createWriteStream } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { once } from 'node:events'
import { accountingFor, exportLedger, parseHeads, verifyFile, type AccountingRow } from '../flow/audit.ts'
import { CommandError, needed, type Command, type Say } from './command.ts'

const basisWords = ({ basis }: AccountingRow): string =>
  [basis.kind, basis.reference, basis.version === undefined ? undefined : `version ${basis.version}`]
    .filter((part) => part !== undefined)
    .join(' ')

const sayAccounting = (rows: readonly AccountingRow[], say: Say): void => {
  for (const row of rows) say([row.at, row.recipientName, row.purposes.join('+'), basisWords(row), row.what].join('\t'))
  say(`${String(rows.length)} disclosures`)
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
      const count = await exportLedger(house.db, stream)
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
    words: ['accounting'],
    takes: 'PATIENT [YYYY-MM-DD]',
    does: 'prints the accounting of disclosures of one patient (42 CFR 2.25)',
    run: async (house, args, say) => {
      sayAccounting(await accountingFor(house, needed(args, 0, 'PATIENT'), args[1] ?? house.clock.now().slice(0, 10)), say)
      return 0
    },
  },
]
