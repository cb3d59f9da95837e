/** What somebody may do in the console, and no more than the work asks. */
export const ROLES = ['compliance-officer', 'case-manager', 'operator', 'auditor'] as const
export type Role = (typeof ROLES)[number]

/** Each thing that the console lets somebody do. */
export const PERMISSIONS = [
  'overview',
  'clients.name',
  'consents.read',
  'disclosures.read',
  'disclosures.export',
  'disclosures.prove',
  'requests.read',
  'requests.handle',
  'withheld.read',
  'withheld.decide',
  'emergencies.read',
  'emergencies.review',
  'referrals.read',
  'deliveries.read',
  'deliveries.operate',
  'deliveries.replay',
  'integrity.read',
  'integrity.verify',
  'partners.read',
  'simulate',
  'staff.read',
  'staff.end-session',
] as const
export type Permission = (typeof PERMISSIONS)[number]

const OFFICER: readonly Permission[] = PERMISSIONS.filter((one) => !['deliveries.operate', 'staff.end-session'].includes(one))

/**
 * Least rights, as a table: the operator keeps things running and sees no client; the case manager sees the clients' consents and
 * referrals, and not who looked at what; the auditor sees everything under pseudonyms, and changes nothing.
 * @law 42 CFR 2.16(a)
 */
export const RIGHTS: Readonly<Record<Role, readonly Permission[]>> = {
  'compliance-officer': OFFICER,
  'case-manager': ['overview', 'clients.name', 'consents.read', 'referrals.read', 'simulate'],
  operator: [
    'overview',
    'deliveries.read',
    'deliveries.operate',
    'deliveries.replay',
    'integrity.read',
    'integrity.verify',
    'partners.read',
    'staff.read',
    'staff.end-session',
  ],
  auditor: [
    'overview',
    'consents.read',
    'disclosures.read',
    'disclosures.export',
    'requests.read',
    'withheld.read',
    'emergencies.read',
    'referrals.read',
    'deliveries.read',
    'integrity.read',
    'partners.read',
    'simulate',
    'staff.read',
  ],
}

/** Whether the table gives a role this right. */
export const may = (role: Role, permission: Permission): boolean => RIGHTS[role].includes(permission)

/** Somebody who has signed in. */
export interface StaffMember {
  /** The pseudonym on the ledger. */
  readonly id: string
  readonly name: string
  readonly role: Role
}
