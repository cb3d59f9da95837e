import { parseArgs } from 'node:util'
import { addLocalStaff, listedStaff, recoverLocalStaff, switchStaffMember } from '../flow/console/accounts.ts'
import { endSessionsFor } from '../flow/console/sessions.ts'
import type { House } from '../flow/house.ts'
import { ROLES } from '../model/staff.ts'
import { buildConsole } from '../platform/console-files.ts'
import { CommandError, needed, OPERATOR, refuse, type Command, type Say } from './command.ts'

const namedIn = (args: readonly string[]): { readonly name: string; readonly role: string | undefined } => {
  try {
    const { values } = parseArgs({ args: [...args], options: { name: { type: 'string' }, role: { type: 'string' } } })
    return { name: needed([values.name ?? ''], 0, '--name'), role: values.role }
  } catch (error) {
    if (error instanceof CommandError) throw error
    throw new CommandError('takes --name NAME and --role ROLE')
  }
}

/** The link is good once; its secret stands behind the `#`, which no browser sends to anybody. */
const sayLink = (house: House, secret: string, say: Say): void => {
  const base = new URL(house.settings.fhirBase)
  // passkeys know names only, not addresses
  if (base.hostname === '127.0.0.1') base.hostname = 'localhost'
  say(`${base.origin}/console/enrol#${secret}`)
  say('open it within a day; it is good once, and nobody else should see it')
}

export const staffCommands: readonly Command[] = [
  {
    kind: 'house',
    words: ['staff', 'add'],
    takes: '--name NAME --role ROLE',
    does: `adds a local account of the console (${ROLES.join(', ')}); prints an enrolment link`,
    run: async (house, args, say) => {
      const { name, role } = namedIn(args)
      const added = await addLocalStaff(house, name, needed([role ?? ''], 0, '--role'))
      if (!added.ok) return refuse(added.error)
      sayLink(house, added.value, say)
      return 0
    },
  },
  {
    kind: 'house',
    words: ['staff', 'recover'],
    takes: '--name NAME',
    does: 'forgets the secrets of a local account, ends its sessions, and prints a new enrolment link',
    run: async (house, args, say) => {
      const link = await recoverLocalStaff(house, namedIn(args).name)
      if (!link.ok) return refuse(link.error)
      sayLink(house, link.value, say)
      return 0
    },
  },
  {
    kind: 'house',
    words: ['staff', 'list'],
    takes: '',
    does: 'lists who may sign in to the console, and how',
    run: async (house, _args, say) => {
      for (const { id, name, role, isLocal, isActive, means } of await listedStaff(house))
        say([id, role, isActive ? 'active' : 'disabled', isLocal ? means.join('+') || 'not enrolled' : 'oidc', name].join('\t'))
      return 0
    },
  },
  ...(['disable', 'enable'] as const).map((word): Command => ({
    kind: 'house',
    words: ['staff', word],
    takes: '--name NAME',
    does: word === 'disable' ? 'shuts somebody out of the console, at once' : 'lets somebody into the console again',
    run: async (house, args, say) => {
      const done = await switchStaffMember(house, namedIn(args).name, word === 'enable')
      if (!done.ok) return refuse(done.error)
      say(`${word}d ${done.value}`)
      return 0
    },
  })),
  {
    kind: 'house',
    words: ['staff', 'sign-out'],
    takes: 'ID',
    does: 'ends every session of somebody in the console',
    run: async (house, args, say) => {
      const ended = await endSessionsFor(house, needed(args, 0, 'ID'), OPERATOR)
      if (!ended.ok) return refuse(ended.error)
      say(`${String(ended.value)} sessions ended`)
      return 0
    },
  },
  {
    kind: 'alone',
    words: ['console', 'build'],
    takes: '',
    does: 'builds the pages of the console, unless they are built',
    run: async (_args, say) => {
      say(await buildConsole())
      return 0
    },
  },
]
