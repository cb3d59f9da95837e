/**
 * Which coordinated-entry event a referral to a project of some type is.
 * @spec HMIS CSV FY2026 lists 2.02.6 (project type) and 4.20.2 (event)
 */
export const EVENT_OF_PROJECT_TYPE: Readonly<Record<string, string>> = {
  '0': '10',
  '1': '10',
  '2': '11',
  '3': '14',
  '4': '6',
  '6': '7',
  '9': '15',
  '10': '15',
  '12': '1',
  '13': '13',
}

/** Referral to another permanent-housing resource: what a housing referral is when nothing more is known. */
export const EVENT_DEFAULT = '15'

/**
 * What a state of the referral's Task is in the event; states that are not here leave the result open.
 * Accepted is not enrolled, so only completion is a success. @spec HMIS CSV FY2026 list 4.20.D
 */
export const RESULT_OF_STATE: Readonly<Record<string, string>> = { completed: '1', failed: '2', rejected: '3' }

/** What a result in a partner's later export says of the Task. */
export const STATE_OF_RESULT: Readonly<Record<string, 'completed' | 'failed' | 'rejected'>> = {
  '1': 'completed',
  '2': 'failed',
  '3': 'rejected',
}
