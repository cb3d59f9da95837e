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

const usePartners = (): readonly Named[] => useAnswer<readonly Named[]>('/partner-names').data ?? []

/** Choices of a filter by partner. */
export const usePartnerChoices = (): readonly { readonly value: string; readonly label: string }[] => [
  { value: '', label: 'Any partner' },
  ...usePartners().map(({ id, name }) => ({ value: id, label: name })),
]

/** What a partner is called; the id of one that nobody knows any more. */
export const usePartnerName = (): ((id: string) => string) => {
  const names = new Map(usePartners().map(({ id, name }) => [id, name]))
  return (id) => names.get(id) ?? id
}

/** The name of a partner, as an element. */
export const PartnerName = ({ id }: { readonly id: string }): string => usePartnerName()(id)

/** Fields that a control left empty are not asked for. */
export const filled = <T extends Readonly<Record<string, string | undefined>>>(fields: T): Partial<T> =>
  Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined && value !== '')) as Partial<T>
