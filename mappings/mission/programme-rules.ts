import type { Resource } from '@medplum/fhirtypes'
import type { PartnerSector } from '../../src/model/partner.ts'
import { profileUrl } from '../../src/mapping/context.ts'
import type { ProgrammeRule } from './programme-rule.ts'
import { COURSE_RULES } from './rules-of-course.ts'
import { RECORD_RULES } from './rules-of-records.ts'
import { REFERRAL_RULES } from './rules-of-referrals.ts'

/** The rules of the programme, each with its place in the seeds. */
export const PROGRAMME_RULES: readonly ProgrammeRule[] = [...COURSE_RULES, ...REFERRAL_RULES, ...RECORD_RULES]

/** What must never reach a sector, whatever a consent says of other things. Seed 000:130,343. */
export const NEVER_TO: readonly {
  readonly profile: string
  readonly sectors: readonly PartnerSector[]
  readonly seed: string
}[] = [{ profile: profileUrl('relapse'), sectors: ['housing', 'justice'], seed: '000:130,343' }]

/** Whether a resource is one that this sector never gets: a relapse, by its profile or by a diagnosis that says so. */
export const isKeptFrom = (resource: Resource, sector: PartnerSector): boolean =>
  NEVER_TO.some((never) => never.sectors.includes(sector) && resource.meta?.profile?.includes(never.profile) === true) ||
  ((sector === 'housing' || sector === 'justice') &&
    resource.resourceType === 'Condition' &&
    resource.clinicalStatus?.coding?.some((c) => c.code === 'relapse') === true)
