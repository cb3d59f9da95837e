import type { ReactNode } from 'react'
import type { RequestLine } from '../../../model/console-requests.ts'
import { count, useDates } from '../../format.ts'
import { Tag, type Tone } from '../../parts/parts.tsx'

const SOON_DAYS = 7

/** How a request stands today, in words, and how bad that is. */
const standingOf = ({ standing, daysLeft = 0, closedAs }: RequestLine): readonly [words: string, tone: Tone] => {
  if (standing === 'closed') return [closedAs ?? 'closed', closedAs === 'refused' ? 'warn' : 'good']
  if (standing === 'late') return [`${count(-daysLeft, 'day')} late`, 'bad']
  return [daysLeft === 0 ? 'due today' : `${count(daysLeft, 'day')} left`, daysLeft <= SOON_DAYS ? 'warn' : 'info']
}

/** How a request stands today, in a word with its ground. */
export const Standing = ({ of }: { readonly of: RequestLine }): ReactNode => {
  const [words, tone] = standingOf(of)
  return <Tag tone={tone}>{words}</Tag>
}

/** A calendar day. */
export const DayOf = ({ on }: { readonly on: string }): ReactNode => {
  const dates = useDates()
  return <time dateTime={on}>{dates.day(on)}</time>
}
