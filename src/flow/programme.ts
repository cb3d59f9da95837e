// Comes in: a record of the programme on its way in, and what was taken about its client before.
// Goes out: which rules of the programme it breaches, those that block apart from those that warn.
// Never: reads the whole inbox for one record, or says in a breach whom it is about.
import type { ProgrammeFacts } from '../../mappings/mission/programme-rule.ts'
import { withoutEndMarks } from '../../mappings/mission/rules-of-records.ts'
import { checkRules, recordsReadFor, type RuleIssue } from '../mapping/check-rules.ts'
import { isTree, type Tree } from '../mapping/tree.ts'
import type { PartnerId } from '../model/ids.ts'
import type { Tx } from '../platform/db.ts'
import { listPartners } from '../store/partners.ts'
import { saidOfPlaces } from './referral-places.ts'
import { clientsAmong, takenOfClient, takenOfType, type TakenRecord } from '../store/raw.ts'

/** What the rules of the programme say of one record. */
export interface RuleFindings {
  readonly blocking: readonly RuleIssue[]
  readonly warnings: readonly RuleIssue[]
}

/** Agreements that are looked at; a programme has dozens. */
const AGREEMENTS_MAX = 1000
/** Words of one record that may be ids of other clients; a shorter id would be found in ordinary text. */
const WORD = /[A-Za-z0-9._-]{4,64}/g

/**
 * Holds a record against the rules of the programme and what was taken about its client before.
 * @param isInEffect the same record is in effect already; it is only warned about, for it changes nothing
 */
export const heldAgainstRules = async (
  tx: Tx,
  sender: PartnerId,
  name: string,
  record: unknown,
  isInEffect: boolean,
): Promise<RuleFindings> => {
  if (!isTree(record)) return { blocking: [], warnings: [] }
  const issues = [
    ...checkRules(name, record, await factsFor(tx, sender, name, record)),
    ...(name === 'referral' ? await fullIssues(tx, record) : []),
  ]
  const warnings = issues.filter((issue) => issue.severity !== 'error')
  return { warnings, blocking: isInEffect ? [] : issues.filter((issue) => issue.severity === 'error') }
}

/** Who refers to a partner that has no room is told so; the partner may know better. @spec SDOH Clinical Care 3.0.0, capacity */
const fullIssues = async (tx: Tx, { need, recipient }: Tree): Promise<readonly RuleIssue[]> => {
  const said = typeof need === 'string' && typeof recipient === 'string' ? await saidOfPlaces(tx, recipient, need) : undefined
  if (said === undefined || said.status === 'capacity') return []
  const waits = said.status === 'no-capacity-has-waitlist' ? 'has a waiting list' : 'has no room'
  const message = `the partner ${waits}, as it said at ${said.statedAt} (no-room)`
  return [{ path: '$.recipient', message, severity: 'warning', code: 'business-rule', rule: 'no-room' }]
}

const factsFor = async (tx: Tx, sender: PartnerId, name: string, record: Tree): Promise<ProgrammeFacts> => {
  const client = record['clientId']
  const types = recordsReadFor(name)
  const records = typeof client !== 'string' || types.length === 0 ? {} : byType(await takenOfClient(tx, sender, client, types))
  if (name === 'referral') return { records, ...(await partnerFacts(tx, sender)) }
  const others = typeof client === 'string' ? wordsOf(record).filter((word) => word !== client) : []
  return { records, otherClients: new Set(await clientsAmong(tx, sender, others)) }
}

const partnerFacts = async (tx: Tx, sender: PartnerId): Promise<Omit<ProgrammeFacts, 'records'>> => {
  const sectors = new Map((await listPartners(tx)).map((partner) => [String(partner.id), partner.sector]))
  const agreements = (await takenOfType(tx, sender, 'partner-agreement', '', AGREEMENTS_MAX)).map(treeOf)
  const agreed = agreements.filter((agreement) => agreement['isActive'] === true).map((agreement) => String(agreement['partner']))
  return {
    sectorOf: (partner) => sectors.get(partner),
    ...(agreements.length === 0 ? {} : { agreedPartners: new Set(agreed) }),
  }
}

/** The native record of a message in the inbox. */
export const treeOf = (taken: Pick<TakenRecord, 'content'>): Tree => {
  const record: unknown = JSON.parse(Buffer.from(taken.content).toString('utf8'))
  return isTree(record) ? record : {}
}

const byType = (taken: readonly TakenRecord[]): Readonly<Record<string, readonly Tree[]>> => {
  const records: Record<string, Tree[]> = {}
  for (const one of taken) (records[one.key.split('/', 1)[0] ?? ''] ??= []).push(treeOf(one))
  return records
}

/** The words of everything that somebody wrote, each once; numbers are no words. */
const wordsOf = (value: unknown): readonly string[] => {
  const words = new Set<string>()
  const look = (node: unknown): void => {
    if (typeof node === 'string') for (const word of node.match(WORD) ?? []) words.add(withoutEndMarks(word))
    else if (Array.isArray(node)) node.forEach(look)
    else if (isTree(node)) Object.values(node).forEach(look)
  }
  look(value)
  return [...words]
}

/** Whether a message of the inbox is the last that was taken under its key. */
export const isRecordInEffect = async (
  tx: Tx,
  sender: PartnerId,
  name: string,
  record: unknown,
  raw: { readonly id: string; readonly isNew: boolean },
): Promise<boolean> => {
  if (raw.isNew || !isTree(record)) return false
  const { clientId, recordId } = record
  if (typeof clientId !== 'string' || typeof recordId !== 'string') return false
  const taken = await takenOfClient(tx, sender, clientId, [name])
  return taken.some((one) => one.key === `${name}/${recordId}` && one.id === raw.id)
}
