import {
  enterNotice,
  giveNotice,
  noticesGivenTo,
  patientsWithoutNotice,
  showNotices,
  type NoticeGivenTo,
  type NoticeView,
} from '../flow/patient-notices.ts'
import { jsonFile, needed, OPERATOR, refuse, type Command } from './command.ts'

const lineOf = ({ version, effectiveFrom, texts, isInForce }: NoticeView): string =>
  [
    version,
    `from ${effectiveFrom}`,
    isInForce ? 'in force' : 'not in force',
    ...texts.map(({ language, sha256 }) => `${language} sha256:${sha256}`),
  ].join('\t')

const givenLineOf = ({ patient, version, language, givenOn, how, acknowledged }: NoticeGivenTo): string =>
  [`Patient/${patient}`, version, language, givenOn, how, acknowledged].join('\t')

/** The notice to patients. @law 42 CFR 2.22 */
export const noticeCommands: readonly Command[] = [
  {
    kind: 'house',
    words: ['notice', 'add'],
    takes: 'FILE.json',
    does: 'enters a version of the notice to patients',
    run: async (house, args, say) => {
      const entered = await enterNotice(house, OPERATOR, await jsonFile(needed(args, 0, 'FILE.json')))
      if (!entered.ok) return refuse(entered.error)
      say(lineOf(entered.value))
      return 0
    },
  },
  {
    kind: 'house',
    words: ['notice', 'list'],
    takes: '[PATIENT]',
    does: 'lists the versions of the notice, or those that a patient was given',
    run: async (house, args, say) => {
      const patient = args[0]?.replace(/^Patient\//, '')
      const lines =
        patient === undefined
          ? (await showNotices(house)).map(lineOf)
          : (await noticesGivenTo(house, OPERATOR, patient)).map(givenLineOf)
      for (const line of lines) say(line)
      return 0
    },
  },
  {
    kind: 'house',
    words: ['notice', 'given'],
    takes: 'FILE.json',
    does: 'writes down that a patient was given a version, and how it was acknowledged',
    run: async (house, args, say) => {
      const given = await giveNotice(house, OPERATOR, await jsonFile(needed(args, 0, 'FILE.json')))
      if (!given.ok) return refuse(given.error)
      say(givenLineOf(given.value))
      return 0
    },
  },
  {
    kind: 'house',
    words: ['notice', 'missing'],
    takes: '',
    does: 'lists the patients who were not given the version in force',
    run: async (house, _args, say) => {
      for (let after: string | undefined = ''; after !== undefined;) {
        const page: Awaited<ReturnType<typeof patientsWithoutNotice>> = await patientsWithoutNotice(house, OPERATOR, after)
        for (const { patient, version, givenOn } of page.patients)
          say(`Patient/${patient}\t${version === undefined ? 'none given' : `${version} given ${givenOn ?? ''}`}`)
        after = page.after
      }
      return 0
    },
  },
]
