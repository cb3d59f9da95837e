import { inflateSync } from 'node:zlib'
import { COMMANDS } from '../../src/cli/commands.ts'
import { accountingAs, accountingFor, ACCOUNTING_FORMS, type AccountingForm } from '../../src/flow/audit.ts'
import { RIGHTS, type Permission, type Role } from '../../src/model/staff.ts'
import type { World } from './world.ts'

/** What was said inside the house, and to whom. */
export interface Told {
  readonly door: string
  readonly asker: string
  readonly texts: readonly string[]
}

const can = (role: Role, permission: Permission): boolean => RIGHTS[role].includes(permission)

/** What a role is there to read: the officer what waits for a decision, who knows clients by name what a referral is about. */
const mayRead = ({ garden }: World, role: Role): readonly string[] =>
  garden.plants
    .filter(
      ({ type, element }) =>
        (role === 'compliance-officer' && element.endsWith('that waits')) ||
        (can(role, 'clients.name') && can(role, 'referrals.read') && ['ServiceRequest', 'Task'].includes(type)),
    )
    .flatMap(({ canaries }) => canaries)

/** Every question that only reads, with the bodies that find something. */
const asksOf = (world: World): readonly (readonly [path: string, body: unknown])[] => {
  const patient = world.patient.slice('Patient/'.length)
  const tasks = world.garden.plants.filter(({ type }) => type === 'Task').map(({ resource }) => resource.id)
  return [
    ['/overview', {}],
    ['/partner-names', {}],
    ['/clients', { words: 'HTEST' }],
    ['/disclosures', { filter: {} }],
    ['/disclosures', { filter: { patient } }],
    ...[1, 40, 80, 160].map((seq) => ['/disclosures/explain', { seq }] as const),
    ['/searches', {}],
    ['/consents', {}],
    ['/consents/explain', { id: world.consent.slice('Consent/'.length) }],
    ['/entries', {}],
    ['/withheld/consents', {}],
    ['/withheld/consents/waiting', {}],
    ['/withheld/messages', {}],
    ['/withheld/texts', {}],
    ['/withheld/labels', {}],
    ['/incidents', {}],
    ['/requests', {}],
    ['/breaches', {}],
    ['/referrals/figures', {}],
    ['/deliveries/health', {}],
    ['/emergencies', {}],
    ['/referrals', {}],
    ...tasks.slice(0, 12).map((id) => ['/referrals/steps', { id }] as const),
    ['/deliveries', {}],
    ['/deliveries/state', {}],
    ['/integrity', {}],
    ['/partners', {}],
    ['/simulate', { patient, left: { partner: 'st-mary-hospital' }, right: { partner: 'harbor-housing' } }],
    ['/staff', {}],
  ]
}

/** Paths of the questions that were asked. */
export const questionsAsked = (world: World): ReadonlySet<string> => new Set(asksOf(world).map(([path]) => path))

/** What the console answers each role over HTTP, without the words that this role is there to read. */
export const consoleAnswers = async (world: World): Promise<readonly Told[]> => {
  const told: Told[] = []
  for (const [role, session] of world.staff) {
    const texts: string[] = []
    for (const [path, body] of asksOf(world)) texts.push(await session.ask(path, body))
    const allowed = new Set(mayRead(world, role))
    const rest = texts.map((one) => one.replace(/zzc\d+q|zz-secret-[a-z]+/g, (word) => (allowed.has(word) ? '' : word)))
    told.push({ door: 'console', asker: role, texts: rest })
  }
  return told
}

/**
 * What the operator's commands print. Not among them: `held list`, which is there to show a person the words that wait, `exchange show`,
 * which shows what a partner sent, and `csv export`, which writes the programme's own records for the programme.
 */
const COMMAND_LINES = (patient: string): readonly string[] => [
  'partner list',
  'partner show st-mary-hospital',
  `basis list ${patient}`,
  'basis unreviewed',
  'consent waiting',
  'decisions waiting',
  'held decided',
  'deliveries',
  'deliveries --partner harbor-housing',
  'incidents all',
  'losses',
  'exchanges',
  'staff list',
  'request list',
  'breach list',
  `accounting ${patient}`,
  `intermediaries ${patient}`,
  'reconcile 2026',
  'timeline htest-0001',
  'csv export no-such-type',
]

/** What the commands print, refusals among it. */
export const commandOutputs = async (world: World): Promise<Told> => {
  const texts: string[] = []
  for (const line of COMMAND_LINES(world.patient)) {
    const words = line.split(' ')
    const command = COMMANDS.find((one) => one.words.every((word, index) => words[index] === word))
    if (command?.kind !== 'house') throw new Error(`no command ${line}`)
    try {
      await command.run(world.house, words.slice(command.words.length), (said) => texts.push(said))
    } catch (error) {
      texts.push(error instanceof Error ? error.message : '')
    }
  }
  return { door: 'commands', asker: 'operator', texts }
}

/** The words of a PDF: its streams are packed, and its words stand in them as runs of hex. */
const wordsOfPdf = (bytes: Buffer): string => {
  const text = bytes.toString('latin1')
  const streams = [...text.matchAll(/stream\r?\n([\s\S]*?)\r?\nendstream/g)].map(([, packed = '']) => {
    try {
      return inflateSync(Buffer.from(packed, 'latin1')).toString('latin1')
    } catch {
      return packed
    }
  })
  const runs = streams.flatMap((stream) => stream.match(/\[[^\]]*\]\s*TJ/g) ?? [])
  const shown = runs.map((run) =>
    [...run.matchAll(/<([0-9a-f]*)>/gi)].map(([, hex = '']) => Buffer.from(hex, 'hex').toString('latin1')).join(''),
  )
  return [text, ...streams, ...shown].join('\n')
}

/** The accounting of disclosures in each of its forms and languages. */
export const accountings = async (world: World): Promise<readonly Told[]> => {
  const [operator, patient] = [{ staff: 'operator', role: 'operator' }, world.patient.slice('Patient/'.length)]
  const rows = await accountingFor(world.house, operator, { patient })
  const forms = Object.keys(ACCOUNTING_FORMS) as readonly AccountingForm[]
  return Promise.all(
    forms.map(async (form) => {
      const written = await Promise.all(
        (['en', 'es'] as const).map((language) => accountingAs(form, rows, 'America/Chicago', world.patient, language)),
      )
      const texts = written.map((bytes) => (form === 'pdf' ? wordsOfPdf(bytes) : bytes.toString('utf8')))
      return { door: `accounting, ${form}`, asker: 'officer', texts }
    }),
  )
}
