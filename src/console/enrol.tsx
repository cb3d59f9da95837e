import { Button, PasswordInput, TextInput } from '@mantine/core'
import { startRegistration, type PublicKeyCredentialCreationOptionsJSON } from '@simplewebauthn/browser'
import { useEffect, useState, type ReactNode, type SubmitEvent } from 'react'
import { ask } from './api.ts'
import { roleWords } from './words.ts'
import { Problem } from './parts/parts.tsx'
import { GateHead } from './sign-in.tsx'
import type { Role } from '../model/staff.ts'

interface Enrolment {
  readonly name: string
  readonly role: Role
  readonly totpSecret: string
  readonly totpUri: string
}

/** The secret stands behind the `#`: no browser sends that part to anybody. It is taken out of the address at once. */
const takeSecret = (): string => {
  const secret = window.location.hash.slice(1)
  window.history.replaceState(null, '', window.location.pathname)
  return secret
}

/** Where an enrolment link leads: choose a passkey, or a password with an authenticator app. */
export const Enrol = ({ onIn }: { readonly onIn: () => void }): ReactNode => {
  const [secret] = useState(takeSecret)
  const [enrolment, setEnrolment] = useState<Enrolment>()
  const [error, setError] = useState<Error>()
  const [isBusy, setBusy] = useState(false)
  useEffect(() => {
    document.title = 'Set up your account · MISSION Gateway'
    ask<Enrolment>('/enrolment', { secret }).then(setEnrolment, setError)
  }, [secret])
  const attempt = (work: () => Promise<unknown>): void => {
    setBusy(true)
    setError(undefined)
    work()
      .then(onIn, setError)
      .finally(() => {
        setBusy(false)
      })
  }
  const withPasskey = async (): Promise<void> => {
    const optionsJSON = await ask<PublicKeyCredentialCreationOptionsJSON>('/enrolment/passkey/question', { secret })
    const response = await startRegistration({ optionsJSON }).catch(() => {
      throw new Error('No passkey was made. Try again, or set a password.')
    })
    await ask('/enrolment/passkey', { secret, response })
  }
  const withPassword = (event: SubmitEvent<HTMLFormElement>): void => {
    event.preventDefault()
    const given = Object.fromEntries(new FormData(event.currentTarget))
    if (given['password'] !== given['again']) {
      setError(new Error('The two passwords are not the same.'))
      return
    }
    attempt(() =>
      ask('/enrolment/password', { secret, totpSecret: enrolment?.totpSecret, password: given['password'], code: given['code'] }),
    )
  }
  return (
    <main className="gate">
      <div className="sheet stack">
        <GateHead
          title="Set up your account"
          says={enrolment === undefined ? '' : `${enrolment.name}, ${roleWords(enrolment.role)}`}
        />
        {error === undefined ? null : <Problem error={error} />}
        {enrolment === undefined ? null : (
          <>
            <Button
              size="md"
              disabled={isBusy}
              onClick={() => {
                attempt(withPasskey)
              }}
            >
              Use a passkey
            </Button>
            <p className="small soft">Your fingerprint, face or PIN on this device, or a security key. Nothing to remember.</p>
            <p className="or">or a password with an authenticator app</p>
            <form onSubmit={withPassword} className="stack">
              <input type="hidden" name="name" autoComplete="username" value={enrolment.name} readOnly />
              <PasswordInput
                name="password"
                label="Password"
                description="12 characters or more"
                autoComplete="new-password"
                minLength={12}
                required
              />
              <PasswordInput name="again" label="Password again" autoComplete="new-password" required />
              <div className="stack tight">
                <h2>Authenticator app</h2>
                <p className="small soft">Enter this key in your app, then the code that it shows.</p>
                <code>{enrolment.totpSecret.replaceAll(/(.{4})/g, '$1 ').trim()}</code>
                <a className="small" href={enrolment.totpUri}>
                  Open in an app on this device
                </a>
              </div>
              <TextInput name="code" label="Code" inputMode="numeric" autoComplete="one-time-code" maxLength={6} required />
              <Button type="submit" variant="default" size="md" loading={isBusy}>
                Set password and sign in
              </Button>
            </form>
          </>
        )}
      </div>
    </main>
  )
}
