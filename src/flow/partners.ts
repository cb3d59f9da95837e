import type { Organization } from '@medplum/fhirtypes'
import type { Partner } from '../model/partner.ts'
import { problem } from '../platform/problem.ts'
import { fail, ok, type Result } from '../platform/result.ts'
import { parsePartner } from '../intake/partner-file.ts'
import { listPartners, partnerById, savePartner } from '../store/partners.ts'
import { lockPartners } from '../store/records.ts'
import { decideDue, notePartnerChange } from './decisions-due.ts'
import type { House, PartnerBook } from './house.ts'
import { settle } from './settle.ts'
import { write } from './writing.ts'

/** Heard by every gateway when a partner has changed. */
export const PARTNER_CHANGED = 'partner_changed'

/** The registered partners, remembered until one of them changes on whichever gateway. */
export const openPartnerBook = async (db: House['db']): Promise<PartnerBook & { readonly close: () => Promise<void> }> => {
  let remembered: Promise<readonly Partner[]> | undefined
  const stop = await db.listen(PARTNER_CHANGED, () => {
    remembered = undefined
  })
  const all = (): Promise<readonly Partner[]> => {
    remembered ??= listPartners(db).catch((error: unknown) => {
      remembered = undefined
      throw error
    })
    return remembered
  }
  return {
    all,
    byId: async (id) => (await all()).find((partner) => partner.id === id && partner.isActive),
    fresh: () => {
      remembered = undefined
    },
    close: stop,
  }
}

/** What partners and consents call an organisation by: the partner's own id. */
const organizationOf = (partner: Partner): Organization & { readonly id: string } => ({
  resourceType: 'Organization',
  id: partner.id,
  active: partner.isActive,
  name: partner.name,
  ...(partner.identifiers.length === 0
    ? {}
    : { identifier: partner.identifiers.map(({ system, value }) => ({ system, value })) }),
})

const keepPartner = async (
  house: House,
  partner: Partner,
  action: 'registered' | 'changed' | 'disabled' | 'enabled',
  by: string,
): Promise<Result<Partner>> => {
  const saved = await write(house, async (writing) => {
    await lockPartners(writing.tx)
    const before = await partnerById(writing.tx, partner.id)
    const at = house.clock.now()
    await savePartner(writing.tx, partner, at)
    await notePartnerChange(writing.tx, before, partner, at)
    await writing.tx.query('select pg_notify($1, $2)', [PARTNER_CHANGED, partner.id])
    writing.note({ kind: 'partner', at, partner: partner.id, action, by })
    return ok(partner)
  })
  house.partners.fresh()
  if (!saved.ok) return saved
  const named = await write(house, (writing) =>
    settle(house, writing, partner.id, [{ resource: organizationOf(partner), origin: { partner: partner.id, isPart2: false } }]),
  )
  if (!named.ok) return named
  await decideDue(house)
  return ok(partner)
}

/** Registers a partner from its file, or changes one that is registered. */
export const registerPartner = async (house: House, file: unknown, by: string): Promise<Result<Partner>> => {
  const parsed = parsePartner(file)
  if (!parsed.ok) return parsed
  const before = await partnerById(house.db, parsed.value.id)
  return keepPartner(house, parsed.value, before === undefined ? 'registered' : 'changed', by)
}

/** Every partner, the disabled ones too. */
export const listedPartners = (house: House): Promise<readonly Partner[]> => listPartners(house.db)

/** A disabled partner gets no token, and from this moment on there is nothing that it may see. */
export const disablePartner = (house: House, id: string, by: string): Promise<Result<Partner>> =>
  switchPartner(house, id, false, by)

/** Lets a disabled partner in again. */
export const enablePartner = (house: House, id: string, by: string): Promise<Result<Partner>> =>
  switchPartner(house, id, true, by)

const switchPartner = async (house: House, id: string, isActive: boolean, by: string): Promise<Result<Partner>> => {
  const partner = await partnerById(house.db, id)
  if (partner === undefined) return fail(problem('not-found', 'partner-unknown', { detail: 'no partner has this id' }))
  return keepPartner(house, { ...partner, isActive }, isActive ? 'enabled' : 'disabled', by)
}
