import type { ComponentType } from 'react'
import type { Permission } from '../model/staff.ts'
import { Disclosures } from './pages/disclosures.tsx'

/** One page of the console. */
export interface PageRow {
  /** Its address below /console. */
  readonly name: string
  readonly title: string
  readonly group: string
  readonly permission: Permission
  readonly view: ComponentType
}

/** Every page, in the order of the menu. */
export const PAGES: readonly PageRow[] = [
  { name: 'disclosures', title: 'Disclosures', group: 'Disclosure', permission: 'disclosures.read', view: Disclosures },
]
