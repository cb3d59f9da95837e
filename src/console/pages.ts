import { lazy, type ComponentType } from 'react'
import type { Permission } from '../model/staff.ts'
import { Overview } from './pages/overview.tsx'

/** One page of the console. */
export interface PageRow {
  /** Its address below /console. */
  readonly name: string
  readonly title: string
  readonly group: string
  readonly permission: Permission
  readonly view: ComponentType
}

const Disclosures = lazy(() => import('./pages/disclosures.tsx').then((page) => ({ default: page.Disclosures })))
const Consents = lazy(() => import('./pages/consents.tsx').then((page) => ({ default: page.Consents })))
const Simulator = lazy(() => import('./pages/simulator.tsx').then((page) => ({ default: page.Simulator })))
const Withheld = lazy(() => import('./pages/withheld.tsx').then((page) => ({ default: page.Withheld })))
const Emergencies = lazy(() => import('./pages/emergencies.tsx').then((page) => ({ default: page.Emergencies })))
const Requests = lazy(() => import('./pages/requests.tsx').then((page) => ({ default: page.Requests })))
const Referrals = lazy(() => import('./pages/referrals.tsx').then((page) => ({ default: page.Referrals })))
const Deliveries = lazy(() => import('./pages/deliveries.tsx').then((page) => ({ default: page.Deliveries })))
const Partners = lazy(() => import('./pages/partners.tsx').then((page) => ({ default: page.Partners })))
const Integrity = lazy(() => import('./pages/integrity.tsx').then((page) => ({ default: page.Integrity })))
const Staff = lazy(() => import('./pages/staff.tsx').then((page) => ({ default: page.Staff })))

/** Every page, in the order of the menu. */
export const PAGES: readonly PageRow[] = [
  { name: '', title: 'Today', group: '', permission: 'overview', view: Overview },
  { name: 'disclosures', title: 'Disclosures', group: 'Privacy', permission: 'disclosures.read', view: Disclosures },
  { name: 'consents', title: 'Consents', group: 'Privacy', permission: 'consents.read', view: Consents },
  { name: 'simulator', title: 'What would they see?', group: 'Privacy', permission: 'simulate', view: Simulator },
  { name: 'withheld', title: 'Withheld and doubtful', group: 'Privacy', permission: 'withheld.read', view: Withheld },
  { name: 'emergencies', title: 'Emergencies', group: 'Privacy', permission: 'emergencies.read', view: Emergencies },
  { name: 'requests', title: 'Patient requests', group: 'Privacy', permission: 'requests.read', view: Requests },
  { name: 'referrals', title: 'Referrals', group: 'Exchange', permission: 'referrals.read', view: Referrals },
  { name: 'deliveries', title: 'Deliveries', group: 'Exchange', permission: 'deliveries.read', view: Deliveries },
  { name: 'partners', title: 'Partners', group: 'Exchange', permission: 'partners.read', view: Partners },
  { name: 'integrity', title: 'Integrity', group: 'Proof', permission: 'integrity.read', view: Integrity },
  { name: 'staff', title: 'Staff', group: 'Proof', permission: 'staff.read', view: Staff },
]
