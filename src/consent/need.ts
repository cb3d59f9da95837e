import type { Instant } from '../model/time.ts'
import { holdsAt } from './windows.ts'
import type { World } from './world.ts'

/** A system of the programme speaks for it; a person named behind it works with the patient or has a recorded need. */
export const hasNeed = (world: World, subject: string | undefined, at: Instant): boolean => {
  if (subject === undefined) return true
  const recorded = world.bases.some(
    ({ kind, faults, window, text }) =>
      kind === 'internal-need' && faults.length === 0 && text('person') === subject && holdsAt(window, at),
  )
  return recorded || world.worksWith(subject, at)
}
