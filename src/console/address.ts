import { useSyncExternalStore } from 'react'

const listeners = new Set<() => void>()
const tell = (): void => {
  for (const listener of listeners) listener()
}
window.addEventListener('popstate', tell)

const BASE = '/console'
const read = (): string => window.location.pathname.slice(BASE.length).replace(/^\/|\/$/g, '')

/** The page's name as the address says it; ids and filters are never in it. */
export const useAddress = (): string =>
  useSyncExternalStore((listener) => {
    listeners.add(listener)
    return () => {
      listeners.delete(listener)
    }
  }, read)

export const addressOf = (name: string): string => (name === '' ? BASE : `${BASE}/${name}`)

/** What one page hands to the next: kept in memory only, and taken once. */
let handed: unknown

export const go = (name: string, hand?: unknown): void => {
  handed = hand
  window.history.pushState(null, '', addressOf(name))
  tell()
  window.scrollTo(0, 0)
}

/** What the former page handed over, once. */
export const takeHanded = (): unknown => {
  const taken = handed
  handed = undefined
  return taken
}
