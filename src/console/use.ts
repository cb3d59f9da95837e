import { useQuery, type UseQueryResult } from '@tanstack/react-query'
import { ask } from './api.ts'

/** What the gateway answers to a question, asked again only when the question changes. */
export const useAnswer = <T>(path: string, body: unknown = {}, everyMs?: number): UseQueryResult<T> =>
  useQuery({
    queryKey: [path, body],
    queryFn: ({ signal }) => ask<T>(path, body, signal),
    ...(everyMs === undefined ? {} : { refetchInterval: everyMs }),
  })

export interface Named {
  readonly id: string
  readonly name: string
}

/** Choices of a filter by partner. */
export const usePartnerChoices = (): readonly { readonly value: string; readonly label: string }[] => {
  const { data = [] } = useAnswer<readonly Named[]>('/partner-names')
  return [{ value: '', label: 'Any partner' }, ...data.map(({ id, name }) => ({ value: id, label: name }))]
}
