import { keepPreviousData, useQuery, type UseQueryResult } from '@tanstack/react-query'
import { useState } from 'react'
import type { ListName, ListPart, LISTS, SortColumn } from '../model/console-lists.ts'
import { ask } from './api.ts'

type Address = (typeof LISTS)[ListName]['address']
/** Name of a column by which some list may be sorted. */
export type SortName = SortColumn<ListName>

/** By which column, and which end first. */
export interface Sorting {
  readonly by: string
  readonly descending: boolean
}

const sortingOf = (sort: string): Sorting => ({ by: sort.replace(/^-/, ''), descending: sort.startsWith('-') })

/** A list of the gateway's, part by part, in the order that somebody chose. */
export interface List<T> {
  readonly query: UseQueryResult<ListPart<T>>
  /** What was asked for, without the place in the list: what an export of the whole list takes. */
  readonly asked: Readonly<Record<string, unknown>>
  readonly path: Address
  readonly sorting: Sorting | undefined
  readonly sort: (sorting: Sorting) => void
  /** Parts that were left behind. */
  readonly depth: number
  readonly hasNext: boolean
  readonly back: () => void
  readonly onward: () => void
}

interface Trail {
  readonly of: string
  readonly steps: readonly string[]
}

/** Asks for a list; another question or another order begins at its start. What was there stays until the answer comes. */
export const useList = <T>(path: Address, question: Readonly<Record<string, unknown>> = {}): List<T> => {
  const [sorting, sort] = useState<Sorting>()
  const asked = { ...question, ...(sorting === undefined ? {} : { sort: `${sorting.descending ? '-' : ''}${sorting.by}` }) }
  const of = JSON.stringify(asked)
  const [trail, setTrail] = useState<Trail>({ of, steps: [] })
  const steps = trail.of === of ? trail.steps : []
  const next = steps.at(-1)
  const query = useQuery({
    queryKey: [path, asked, next],
    queryFn: ({ signal }) => ask<ListPart<T>>(path, next === undefined ? asked : { ...asked, next }, signal),
    placeholderData: keepPreviousData,
  })
  const onward = query.data?.next
  return {
    query,
    asked,
    path,
    sorting: sorting ?? (query.data === undefined ? undefined : sortingOf(query.data.sort)),
    sort,
    depth: steps.length,
    hasNext: onward !== undefined,
    back: () => {
      setTrail({ of, steps: steps.slice(0, -1) })
    },
    onward: () => {
      if (onward !== undefined) setTrail({ of, steps: [...steps, onward] })
    },
  }
}
