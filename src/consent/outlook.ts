import type { Inquiry } from './inquiry.ts'
import type { Node } from './walk.ts'
import type { ConsentFile } from './world.ts'

type Coded = Readonly<{ system?: string; code: string }>

/** What consents say to a question before any record is seen. */
export interface Outlook {
  /** No consent has anything to say to this actor for this purpose. */
  readonly isSilent: boolean
  /** Something may go, unless a record's own labels stand against it. */
  readonly permits: boolean
  readonly refused: readonly Coded[]
  /** Filled when only listed things may go. */
  readonly onlyThese: readonly Coded[]
  readonly basedOn?: string
}

/**
 * Looks ahead: with no record to judge, what is permitted at all, and what would have to be left out.
 * @param classes resource types that will be asked for; empty for any
 */
export const outlookOf = (inquiry: Inquiry, classes: readonly string[]): Outlook => {
  const permits: { node: Node; isOpen: boolean; file: ConsentFile }[] = []
  const refused: Coded[] = []
  let refusesAll = false
  const look = (node: Node, file: ConsentFile, may: { permit: boolean; refuse: boolean }, above: boolean): void => {
    const { provision } = node.rule
    if (classes.length > 0 && provision.classes.length > 0 && !provision.classes.some(({ code }) => classes.includes(code)))
      return
    const selected = codesOf(node, classes)
    const isOpen = above && selected.length === 0
    if (node.isPermit && may.permit) permits.push({ node, isOpen, file })
    if (!node.isPermit && provision.isExpress && may.refuse) {
      refused.push(...selected)
      if (selected.length === 0 && node.exceptions.every(({ isPermit }) => !isPermit)) refusesAll = true
    }
    for (const exception of node.exceptions) look(exception, file, may, isOpen)
  }
  for (const { file, node, permits: permit, refuses: refuse } of inquiry.applied) look(node, file, { permit, refuse }, true)
  const isOpen = permits.some((one) => one.isOpen && one.node.isPermit)
  const onlyPart2Missing = permits.length > 0 && permits.every(({ file }) => file.consent.regime === 'other')
  const first = permits[0]
  return {
    isSilent: inquiry.applied.length === 0,
    permits: permits.length > 0 && !refusesAll,
    refused: [...refused, ...(onlyPart2Missing ? [{ system: ACT_CODE, code: '42CFRPart2' }] : [])],
    onlyThese: isOpen ? [] : permits.flatMap(({ node }) => codesOf(node, classes)),
    ...(first === undefined ? {} : { basedOn: `Consent/${first.file.consent.id}` }),
  }
}

const ACT_CODE = 'http://terminology.hl7.org/CodeSystem/v3-ActCode'

const codesOf = ({ rule: { provision } }: Node, classes: readonly string[]): readonly Coded[] => [
  ...provision.labels,
  ...provision.codes.flat(),
  ...provision.classes.filter(({ code }) => !classes.includes(code)),
  ...provision.data.map(({ reference }) => ({ code: reference })),
]
