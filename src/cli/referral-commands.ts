import { endAttention, listAttention, showScreening, type Attention } from '../flow/referral-attention.ts'
import { listPlaces, notePlaces, standingOf } from '../flow/referral-places.ts'
import { CommandError, needed, OPERATOR, refuse, type Command } from './command.ts'

/** Where both versions are to be seen: the one that stands, and the bytes of the other. */
const bothVersions = ({ task, version, exchange }: Attention): string =>
  [
    ...(typeof version === 'number' ? [`; Task/${task}/_history/${String(version)}`] : []),
    ...(typeof exchange === 'string' ? [`; exchange ${exchange}`] : []),
  ].join('')

const WORDS: Readonly<Record<Attention['kind'], (of: Attention) => string>> = {
  unanswered: ({ partner, state }) => `${partner} does not answer; ${state}`,
  unknown: ({ partner, state }) => `nothing is known from ${partner}; it was ${state}`,
  disagreement: (of) => `${of.partner} says ${of.other}; here it is ${of.state}${bothVersions(of)}`,
  conflict: (of) =>
    of.other === 'not-read'
      ? `${of.partner} refused what it was sent, for it holds another version; here it is ${of.state}${bothVersions(of)}`
      : `${of.partner} changed a version that was no longer the last to ${of.other}; here it is ${of.state}${bothVersions(of)}`,
  screening: ({ partner, other }) => `from ${partner}; by the criteria ${other.replace('-', ' ')}`,
  capacity: ({ partner, other }) => `from ${partner}; ${other === 'no-capacity' ? 'no place is free' : 'it waits for a place'}`,
  duplicate: ({ partner, other }) => `${partner} has the same under way as Task/${other}`,
}

const line = (of: Attention): string =>
  [String(of.id), `Task/${of.task}`, of.kind, WORDS[of.kind](of), `since ${of.at}`].join('\t')

export const referralCommands: readonly Command[] = [
  {
    kind: 'house',
    words: ['referrals'],
    takes: '',
    does: 'lists what waits for a person: unanswered, unknown, disagreed about, made twice, to be screened, without a place',
    run: async (house, _args, say) => {
      const found = await listAttention(house, OPERATOR)
      for (const one of found) say(line(one))
      say(`${String(found.length)} referrals wait for a person`)
      return 0
    },
  },
  {
    kind: 'house',
    words: ['referral', 'done'],
    takes: 'NUMBER',
    does: 'notes that a person has seen to one of them',
    run: async (house, args, say) => {
      const id = Number(needed(args, 0, 'NUMBER'))
      if (!Number.isInteger(id)) throw new CommandError('NUMBER is a number')
      const done = await endAttention(house, OPERATOR, id)
      if (!done.ok) return refuse(done.error)
      say(`done ${done.value}`)
      return 0
    },
  },
  {
    kind: 'house',
    words: ['referral', 'screening'],
    takes: 'TASK',
    does: 'shows which criteria of the programme a referral to it meets, and by which records',
    run: async (house, args, say) => {
      const shown = await showScreening(house, OPERATOR, needed(args, 0, 'TASK').replace('Task/', ''))
      if (!shown.ok) return refuse(shown.error)
      for (const { criterion, finding, evidence } of shown.value.findings) say([criterion, finding, ...evidence].join('\t'))
      say(`${shown.value.outcome} at ${shown.value.at}`)
      return 0
    },
  },
  {
    kind: 'house',
    words: ['capacity'],
    takes: '',
    does: 'lists what partners say of their places, and when they said it',
    run: async (house, _args, say) => {
      for (const one of await listPlaces(house, OPERATOR))
        say([one.provider, one.need, standingOf(one), one.places ?? 'not counted', `${one.statedBy} ${one.statedAt}`].join('\t'))
      return 0
    },
  },
  {
    kind: 'house',
    words: ['capacity', 'set'],
    takes: 'PARTNER NEED|* PLACES|some [waitlist]',
    does: 'notes what a partner said of its places; PLACES are counted from then on',
    run: async (house, args, say) => {
      const [provider, need, said] = [needed(args, 0, 'PARTNER'), needed(args, 1, 'NEED'), needed(args, 2, 'PLACES')]
      if (said !== 'some' && !/^\d{1,6}$/.test(said)) throw new CommandError('PLACES is a number, or some')
      const places = said === 'some' ? said : Number(said)
      const noted = await notePlaces(house, OPERATOR, { provider, need, places, hasWaitlist: args[3] === 'waitlist' })
      if (!noted.ok) return refuse(noted.error)
      say(`${provider} ${need} ${noted.value}`)
      return 0
    },
  },
]
