import { decideAboutConsent, waitingConsents, type BroughtConsent } from '../flow/consent-acceptance.ts'
import { CommandError, needed, OPERATOR, refuse, type Command, type Say } from './command.ts'

const sayConsent = (one: BroughtConsent, say: Say): void => {
  const shown = one.document === undefined ? [] : [one.document]
  say(
    [one.consent, `version ${String(one.version)}`, `Patient/${one.patient}`, `from ${one.filedBy}`, one.filedAt, ...shown].join(
      '\t',
    ),
  )
  for (const { rule, law } of one.deficiencies) say(`  lacks: ${rule} (${law})`)
}

const deciding = (word: 'accept' | 'refuse', decision: 'accepted' | 'refused', does: string): Command => ({
  kind: 'house',
  words: ['consent', word],
  takes: 'ID VERSION',
  does,
  run: async (house, args, say) => {
    const version = Number(needed(args, 1, 'VERSION'))
    if (!Number.isSafeInteger(version) || version < 1) throw new CommandError('VERSION is a number')
    const id = needed(args, 0, 'ID').replace(/^Consent\//, '')
    const decided = await decideAboutConsent(house, id, version, decision, OPERATOR.staff)
    if (!decided.ok) return refuse(decided.error)
    say(`${decided.value.consent} version ${String(version)} ${decision}`)
    return decided.value.deficiencies.length > 0 && decision === 'accepted' ? 1 : 0
  },
})

export const consentCommands: readonly Command[] = [
  {
    kind: 'house',
    words: ['consent', 'waiting'],
    takes: '',
    does: 'lists consents that partners filed and nobody has decided about, with what each lacks',
    run: async (house, _args, say) => {
      for (const one of await waitingConsents(house, OPERATOR)) sayConsent(one, say)
      return 0
    },
  },
  deciding('accept', 'accepted', 'relies on a consent that a partner filed; exit status 1 when it lacks something'),
  deciding('refuse', 'refused', 'never relies on a consent that a partner filed'),
]
