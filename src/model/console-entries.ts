/** One entry of the ledger of whatever kind: that something happened, and to whose doing; about nobody. */
export interface EntryLine {
  readonly number: number
  readonly at: string
  readonly kind: string
  /** Partner, system or pseudonym of staff; absent for the gateway's own. */
  readonly by?: string
  /** `read`, `create`, `acknowledged`, `look` …  */
  readonly what: string
  readonly hash: string
}
