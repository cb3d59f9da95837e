import type { SessionTimes } from '../../flow/console/sessions.ts'
import type { ConsoleFiles } from '../../platform/console-files.ts'
import type { OidcSettings } from './oidc.ts'

/** How the console is reached, and by whom. */
export interface ConsoleSettings {
  /** Scheme, host and port under which browsers may reach it; the first is the usual one. */
  readonly origins: readonly string[]
  readonly times: SessionTimes
  /** Tries to sign in of one address within a minute. */
  readonly triesPerMinute: number
  readonly oidc?: OidcSettings
  /** The pages, when they are built. */
  readonly files: () => ConsoleFiles
}
