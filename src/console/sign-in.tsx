import icon from './icon.svg'
import { Button, PasswordInput, TextInput } from '@mantine/core'
import { startAuthentication, type PublicKeyCredentialRequestOptionsJSON } from '@simplewebauthn/browser'
import { useEffect, useState, type ReactNode, type SubmitEvent } from 'react'
import { ask, fetchWaysIn } from './api.ts'
import { useAddress } from './address.ts'
import { Problem } from './parts/parts.tsx'

const RETURNED: Readonly<Record<string, string>> = {
  'no-role': 'Your account has no role in this console. Ask whoever keeps the groups of your organisation.',
  'shut-out': 'Your account is switched off here. Ask the operator.',
  'issuer-unreachable': 'The sign-in of your organisation does not answer. Try again, or use a local account.',
  'sign-in-failed': 'The sign-in was not completed. Try again.',
}

/** What an address like `sign-in/no-role` says to whoever came back from the organisation's sign-in without getting in. */
const useReturned = (): Error | undefined => {
  const [page, code = ''] = useAddress().split('/')
  return page === 'sign-in' ? new Error(RETURNED[code] ?? RETURNED['sign-in-failed']) : undefined
}

/** The gate: every way in that this gateway has. */
export const SignIn = ({ onIn, hasEnded }: { readonly onIn: () => void; readonly hasEnded: boolean }): ReactNode => {
  const [hasOidc, setOidc] = useState(false)
  const [error, setError] = useState<Error | undefined>(useReturned())
  const [isBusy, setBusy] = useState(false)
  useEffect(() => {
    document.title = 'Sign in · MISSION Gateway'
    fetchWaysIn().then(({ oidc }) => setOidc(oidc), setError)
  }, [])
  const attempt = (work: () => Promise<unknown>): void => {
    setBusy(true)
    setError(undefined)
    work()
      .then(onIn, setError)
      .finally(() => {
        setBusy(false)
      })
  }
  const withPassword = (event: SubmitEvent<HTMLFormElement>): void => {
    event.preventDefault()
    attempt(() => ask('/sign-in/password', Object.fromEntries(new FormData(event.currentTarget))))
  }
  const withPasskey = async (): Promise<void> => {
    const optionsJSON = await ask<PublicKeyCredentialRequestOptionsJSON>('/sign-in/passkey/question', {})
    const response = await startAuthentication({ optionsJSON }).catch(() => {
      throw new Error('No passkey was used. Try again, or sign in with your password.')
    })
    await ask('/sign-in/passkey', { response })
  }
  return (
    <main className="gate">
      <div className="sheet stack">
        <GateHead title="Sign in" says="Console of the MISSION Gateway" />
        {hasEnded ? <p role="status">Your session has ended. What you saw was not kept.</p> : null}
        {error === undefined ? null : <Problem error={error} />}
        {hasOidc ? (
          <>
            <Button component="a" href="/console/sign-in/oidc" size="md" fullWidth>
              Sign in with your organisation
            </Button>
            <p className="or">or with an account of this gateway</p>
          </>
        ) : null}
        <Button
          variant={hasOidc ? 'default' : 'filled'}
          size="md"
          fullWidth
          disabled={isBusy}
          onClick={() => {
            attempt(withPasskey)
          }}
        >
          Sign in with a passkey
        </Button>
        <p className="or">or</p>
        <form onSubmit={withPassword} className="stack">
          <TextInput name="name" label="Name" autoComplete="username" required />
          <PasswordInput name="password" label="Password" autoComplete="current-password" required />
          <TextInput
            name="code"
            label="Code of your authenticator app"
            inputMode="numeric"
            autoComplete="one-time-code"
            required
            maxLength={6}
          />
          <Button type="submit" variant="default" size="md" loading={isBusy}>
            Sign in
          </Button>
        </form>
      </div>
    </main>
  )
}

export const GateHead = ({ title, says }: { readonly title: string; readonly says: string }): ReactNode => (
  <div className="row">
    <img src={icon} alt="" width="40" height="40" />
    <div>
      <h1>{title}</h1>
      <p className="soft">{says}</p>
    </div>
  </div>
)
