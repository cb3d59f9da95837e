import type { DisclosureProven } from '../../model/console-disclosures.ts'
import type { StaffMember } from '../../model/staff.ts'
import { ok, type Result } from '../../platform/result.ts'
import type { House } from '../house.ts'
import { proveDisclosure, type DisclosureProof } from '../proof.ts'
import { act, type Place } from './look.ts'

/** Its content is what left, with names in it: for the role that answers for it. */
const PROOF: Place = { name: 'disclosures/:id/proof', permission: 'disclosures.prove' }

/** The proof whole, as the file that `gateway audit check` reads. */
export const proofFile = (house: House, who: StaffMember, id: string): Promise<Result<DisclosureProof>> =>
  act(house, who, PROOF, () => proveDisclosure(house, { staff: who.id, role: who.role }, id))

/** The proof as a page shows it: what left, on the ground of what, with which notice, under which signed head. */
export const proofShown = async (house: House, who: StaffMember, id: string): Promise<Result<DisclosureProven>> => {
  const proven = await proofFile(house, who, id)
  if (!proven.ok) return proven
  const { entry, proof, records, content, payload, notice, scopes } = proven.value
  const { size, at, keyId } = proof.head
  return ok({
    content,
    ...(payload === undefined ? {} : { payload }),
    records: records.map(({ record, version, text }) => ({ record, version, isKept: text !== undefined })),
    bases: entry.bases,
    ...(notice === undefined ? {} : { notice: { ...notice, text: notice.text.en } }),
    scopes: scopes.map(({ text }) => text.en),
    head: { size, at, keyId },
    steps: proof.path.length,
  })
}
