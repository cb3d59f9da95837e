import { STATE_OF_RESULT } from '../../mappings/hmis/event-types.ts'
import type { HmisTables } from '../formats/hmis/hmis-csv.ts'
import type { Issue } from '../platform/problem.ts'

/** What a partner's export says of a referral that we sent. */
export interface HmisReferralResult {
  /** EventID: the id of our ServiceRequest without its hyphens. */
  readonly eventId: string
  readonly state: 'completed' | 'failed' | 'rejected'
  readonly resultDate: string
  /** DateUpdated of the row: an older export must not overwrite a newer one. */
  readonly updated: string
}

/** Reads the results of events from a partner's export; rows that contradict themselves are issues and give no result. */
export const referralResults = (
  tables: HmisTables,
): { readonly results: readonly HmisReferralResult[]; readonly issues: readonly Issue[] } => {
  const results: HmisReferralResult[] = []
  const issues: Issue[] = []
  for (const [index, row] of (tables['Event'] ?? []).entries()) {
    const state = STATE_OF_RESULT[row['ReferralResult'] ?? '']
    if (state === undefined || (row['DateDeleted'] ?? '') !== '') continue
    const resultDate = row['ResultDate'] ?? ''
    if (resultDate === '' || resultDate < (row['EventDate'] ?? '')) {
      issues.push({
        path: `Event.csv:${String(index + 2)}:ResultDate`,
        message: 'must be there and not before the EventDate',
        severity: 'error',
        code: 'business-rule',
      })
      continue
    }
    results.push({ eventId: row['EventID'] ?? '', state, resultDate, updated: row['DateUpdated'] ?? '' })
  }
  return { results, issues }
}
