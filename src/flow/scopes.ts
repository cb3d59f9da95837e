import type { Consent } from '@medplum/fhirtypes'
import { readConsent } from '../consent/read-consent.ts'
import { scopeOf } from '../consent/scope.ts'
import type { ScopeWords } from '../disclosure/notice.ts'
import { scopeKey } from '../disclosure/seal.ts'
import type { PartnerId } from '../model/ids.ts'
import { readVersion } from '../store/records.ts'
import type { ScopeBook } from './house.ts'
import type { Db } from '../platform/db.ts'

const REMEMBERED_MAX = 5_000

/** @law 42 CFR 2.32(b) */
export const openScopeBook = (db: Db): ScopeBook => {
  const remembered = new Map<string, ScopeWords>()
  const wordsOf = async (recipient: PartnerId, reference: string, version: string): Promise<ScopeWords | undefined> => {
    const [, id = ''] = reference.split('/')
    const record = await readVersion(db, 'Consent', id, Number(version))
    if (record === undefined) return undefined
    const consent = readConsent(record.resource as Consent)
    return { consent: reference, version, text: { en: scopeOf(consent, 'en', recipient), es: scopeOf(consent, 'es', recipient) } }
  }
  const wordsFor: ScopeBook['wordsFor'] = async (recipient, rows) => {
    const found = new Map<string, ScopeWords>()
    // rows that were shown for the same reason mostly share the object
    for (const basis of new Set(rows.map((row) => row.basis))) {
      if (basis.kind !== 'consent' || basis.reference === undefined || basis.version === undefined) continue
      const key = scopeKey(basis.reference, basis.version)
      if (found.has(key)) continue
      const own = `${recipient} ${key}`
      const words = remembered.get(own) ?? (await wordsOf(recipient, basis.reference, basis.version))
      if (words === undefined) continue
      if (remembered.size >= REMEMBERED_MAX) remembered.clear()
      remembered.set(own, words)
      found.set(key, words)
    }
    return found
  }
  return { wordsFor }
}
