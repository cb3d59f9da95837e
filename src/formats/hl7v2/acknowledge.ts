import type { Issue, Problem, ProblemKind } from '../../platform/problem.ts'
import { message as messageFrom, segment, type Component, type Value } from './build.ts'
import { STANDARD } from './delimiters.ts'
import { rawField, segmentNamed, serialize, textAt, versionOf, type Message, type Segment } from './message.ts'

/** Table 0008. @spec HL7 v2.5.1 §2.9.2, §2.9.3 */
export type AckCode = 'AA' | 'AE' | 'AR' | 'CA' | 'CE' | 'CR'

/** Who writes the acknowledgement, with which control id, when. */
export interface Acknowledger {
  readonly controlId: string
  /** MSH-7, already written as a DTM. */
  readonly time: string
  /** Stand in for MSH-5 and MSH-6 of a message that could not be read. */
  readonly application: string
  readonly facility: string
}

/**
 * How each kind of problem is told to a v2 sender: AE when sending again may help or the message can be corrected, AR when it cannot;
 * with the code of table 0357. A withheld record reads as an unknown one.
 */
export const ACK_OF_PROBLEM = {
  invalid: { code: 'AE', error: '207', text: 'Application internal error' },
  unauthenticated: { code: 'AR', error: '207', text: 'Application internal error' },
  forbidden: { code: 'AR', error: '207', text: 'Application internal error' },
  withheld: { code: 'AE', error: '204', text: 'Unknown key identifier' },
  'not-found': { code: 'AE', error: '204', text: 'Unknown key identifier' },
  conflict: { code: 'AE', error: '206', text: 'Application record locked' },
  unsupported: { code: 'AR', error: '200', text: 'Unsupported message type' },
  busy: { code: 'AE', error: '206', text: 'Application record locked' },
  unavailable: { code: 'AE', error: '207', text: 'Application internal error' },
  fault: { code: 'AE', error: '207', text: 'Application internal error' },
} as const satisfies Record<ProblemKind, { code: 'AE' | 'AR'; error: string; text: string }>

/** Codes of problems that say more than their kind does. */
const ERROR_OF_CODE: Readonly<Record<string, { code: 'AE' | 'AR'; error: string; text: string }>> = {
  'not-hl7v2': { code: 'AR', error: '100', text: 'Segment sequence error' },
  'delimiters-invalid': { code: 'AR', error: '102', text: 'Data type error' },
  'segment-invalid': { code: 'AR', error: '100', text: 'Segment sequence error' },
  'required-missing': { code: 'AE', error: '101', text: 'Required field missing' },
  'time-invalid': { code: 'AE', error: '102', text: 'Data type error' },
  'code-unknown': { code: 'AE', error: '103', text: 'Table value not found' },
  'trigger-unsupported': { code: 'AR', error: '201', text: 'Unsupported event code' },
  'version-unsupported': { code: 'AR', error: '203', text: 'Unsupported version id' },
  'control-id-duplicate': { code: 'AE', error: '205', text: 'Duplicate key identifier' },
}

/** What a sender asked to be told. @spec HL7 v2.5.1 §2.9.3, table 0155 */
export interface AckWish {
  readonly mode: 'original' | 'enhanced'
  /** Whether a commit acknowledgement (CA, CE, CR) is wanted for a message that was taken, and for one that was not. */
  readonly accept: { readonly onSuccess: boolean; readonly onError: boolean }
  readonly application: { readonly onSuccess: boolean; readonly onError: boolean }
}

const WISHES: Readonly<Record<string, { onSuccess: boolean; onError: boolean }>> = {
  AL: { onSuccess: true, onError: true },
  NE: { onSuccess: false, onError: false },
  ER: { onSuccess: false, onError: true },
  SU: { onSuccess: true, onError: false },
}

/** Original mode when MSH-15 and MSH-16 are both empty; an unknown code means always. */
export const ackWish = (message: Message): AckWish => {
  const msh = segmentNamed(message, 'MSH')
  const accept = textAt(message, msh, { field: 15 })
  const application = textAt(message, msh, { field: 16 })
  const always = { onSuccess: true, onError: true }
  if (accept === undefined && application === undefined) {
    return { mode: 'original', accept: { onSuccess: false, onError: false }, application: always }
  }
  const wish = (code: string | undefined): { onSuccess: boolean; onError: boolean } =>
    code === undefined ? { onSuccess: false, onError: false } : (WISHES[code] ?? always)
  return { mode: 'enhanced', accept: wish(accept), application: wish(application) }
}

/**
 * The acknowledgement of a message, with sender and receiver exchanged and the delimiters, version and processing id of the original.
 * @param original what was received; absent when it could not be read, then MSA-2 is `controlId` as far as it could be made out
 */
export const acknowledge = (
  by: Acknowledger,
  code: AckCode,
  original: Message | undefined,
  controlId: string,
  because?: Problem,
): string => {
  const d = original?.delimiters ?? STANDARD
  const msh = original === undefined ? undefined : segmentNamed(original, 'MSH')
  const raw = (field: number): Value => ({ raw: rawField(msh, field) })
  const version = original === undefined ? '2.5.1' : versionOf(original)
  const trigger = original === undefined ? undefined : textAt(original, msh, { field: 9, component: 2 })
  const charset = rawField(msh, 18)
  const header = segment(
    'MSH',
    {
      3: original === undefined ? by.application : raw(5),
      4: original === undefined ? by.facility : raw(6),
      5: raw(3),
      6: raw(4),
      7: by.time,
      9: ['ACK', trigger, ...(isAtLeast(version, '2.4') ? ['ACK'] : [])],
      10: by.controlId,
      11: rawField(msh, 11) === '' ? 'P' : raw(11),
      12: rawField(msh, 12) === '' ? '2.5.1' : raw(12),
      ...(charset === '' ? {} : { 18: { raw: charset } }),
    },
    d,
  )
  const msa = segment(
    'MSA',
    {
      1: code,
      2: controlId,
      ...(because !== undefined && !isAtLeast(version, '2.5') ? { 3: because.detail ?? because.code } : {}),
    },
    d,
  )
  return serialize(messageFrom([header, msa, ...(because === undefined ? [] : errors(because, version, d))], d))
}

/** The code and the table 0357 entry for a problem. */
export const ackOf = (because: Problem): { readonly code: 'AE' | 'AR'; readonly error: string; readonly text: string } =>
  ERROR_OF_CODE[because.code] ?? ACK_OF_PROBLEM[because.kind]

const errors = (because: Problem, version: string, d: Message['delimiters']): readonly Segment[] => {
  const { error, text } = ackOf(because)
  const issues: readonly (Issue | undefined)[] =
    because.issues !== undefined && because.issues.length > 0 ? because.issues.slice(0, 20) : [undefined]
  return issues.map((issue) => {
    const place = issue === undefined ? undefined : erl(issue.path)
    if (!isAtLeast(version, '2.5'))
      return segment('ERR', { 1: [place?.[0], place?.[1], place?.[2], [error, text, 'HL70357']] }, d)
    return segment(
      'ERR',
      {
        ...(place === undefined ? {} : { 2: place }),
        3: [error, text, 'HL70357'],
        4: issue?.severity === 'warning' ? 'W' : 'E',
        5: [because.code],
        8: issue?.message ?? because.detail ?? because.code,
      },
      d,
    )
  })
}

/** `PID[1]-3(2).4` as an ERL: segment, its occurrence, field, repetition, component. */
const erl = (path: string): readonly Component[] | undefined => {
  const match = /^([A-Z][A-Z0-9]{2})(?:\[(\d+)\])?(?:-(\d+)(?:\((\d+)\))?(?:\.(\d+))?)?/.exec(path)
  if (match === null) return undefined
  const [, id, occurrence = '1', field, repetition, component] = match
  return [id, occurrence, field, ...(field === undefined ? [] : [repetition ?? '1', component])]
}

/** Compares versions such as `2.3.1` and `2.5`; an unreadable one counts as 2.5. */
export const isAtLeast = (version: string, floor: string): boolean => {
  const parts = (text: string): readonly number[] => text.split('.').map(Number)
  const given = /^\d+(\.\d+)*$/.test(version) ? parts(version) : parts('2.5')
  for (const [i, least] of parts(floor).entries()) {
    const part = given[i] ?? 0
    if (part !== least) return part > least
  }
  return true
}

/** MSA-1, MSA-2 and MSA-3 of an answer, whatever its message type; nothing when it has no MSA. */
export const answerOf = (
  answer: Message,
): { readonly code: string; readonly controlId: string; readonly text?: string } | undefined => {
  const msa = segmentNamed(answer, 'MSA')
  if (msa === undefined) return undefined
  const text = textAt(answer, msa, { field: 3 })
  return {
    code: textAt(answer, msa, { field: 1 }) ?? '',
    controlId: textAt(answer, msa, { field: 2 }) ?? '',
    ...(text === undefined ? {} : { text }),
  }
}

/** The control id of bytes that are not a readable message, as far as it can be made out; else empty. */
export const controlIdGuess = (text: string): string => {
  const line = /MSH(.)[^\r\n]*/.exec(text)
  return line === null ? '' : (line[0].split(line[1] ?? '|')[9] ?? '').slice(0, 199)
}
