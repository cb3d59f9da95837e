import { disablePartner, enablePartner, listedPartners, registerPartner } from '../flow/partners.ts'
import type { Partner } from '../model/partner.ts'
import { jsonFile, needed, OPERATOR, refuse, type Command } from './command.ts'

const line = (partner: Partner): string =>
  [partner.id, partner.kinds.join('+'), partner.sector, partner.isActive ? 'active' : 'disabled', partner.name].join('\t')

export const partnerCommands: readonly Command[] = [
  {
    kind: 'house',
    words: ['partner', 'add'],
    takes: 'FILE.json',
    does: 'registers a partner, or changes one that is registered',
    run: async (house, args, say) => {
      const added = await registerPartner(house, await jsonFile(needed(args, 0, 'FILE.json')), OPERATOR.staff)
      if (!added.ok) return refuse(added.error)
      say(line(added.value))
      return 0
    },
  },
  {
    kind: 'house',
    words: ['partner', 'list'],
    takes: '',
    does: 'lists the partners',
    run: async (house, _args, say) => {
      for (const partner of await listedPartners(house)) say(line(partner))
      return 0
    },
  },
  {
    kind: 'house',
    words: ['partner', 'show'],
    takes: 'ID',
    does: 'shows one partner as JSON',
    run: async (house, args, say) => {
      const id = needed(args, 0, 'ID')
      const found = (await listedPartners(house)).find((partner) => partner.id === id)
      say(found === undefined ? `no partner ${id}` : JSON.stringify(found, null, 2))
      return found === undefined ? 1 : 0
    },
  },
  {
    kind: 'house',
    words: ['partner', 'disable'],
    takes: 'ID',
    does: 'from now on the partner gets no token and sees nothing',
    run: async (house, args, say) => {
      const disabled = await disablePartner(house, needed(args, 0, 'ID'), OPERATOR.staff)
      if (!disabled.ok) return refuse(disabled.error)
      say(line(disabled.value))
      return 0
    },
  },
  {
    kind: 'house',
    words: ['partner', 'enable'],
    takes: 'ID',
    does: 'lets a disabled partner in again',
    run: async (house, args, say) => {
      const enabled = await enablePartner(house, needed(args, 0, 'ID'), OPERATOR.staff)
      if (!enabled.ok) return refuse(enabled.error)
      say(line(enabled.value))
      return 0
    },
  },
]
