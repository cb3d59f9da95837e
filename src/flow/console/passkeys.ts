// In: what an authenticator signed. Out: a passkey on an account, or a session.
// Never: takes an answer to a question that was not asked, was asked of another page, or was answered before.
import {
  generateAuthenticationOptions,
  generateRegistrationOptions,
  verifyAuthenticationResponse,
  verifyRegistrationResponse,
  type AuthenticationResponseJSON,
  type PublicKeyCredentialCreationOptionsJSON,
  type PublicKeyCredentialRequestOptionsJSON,
  type RegistrationResponseJSON,
} from '@simplewebauthn/server'
import { plusMs } from '../../model/time.ts'
import { problem } from '../../platform/problem.ts'
import { fail, ok, type Result } from '../../platform/result.ts'
import { hashOfSecret } from '../../platform/tickets.ts'
import { addPasskey, keepTicket, noteCounter, noteSuccess, passkeyById, staffById, takeTicket } from '../../store/staff.ts'
import type { House } from '../house.ts'
import { write } from '../writing.ts'
import { enrolmentAccount } from './accounts.ts'
import { beginSession, noteRefused, type OpenedSession, type SessionTimes } from './sessions.ts'

/** Which page asks: the scheme, host and port that the browser shows. */
export interface Site {
  readonly origin: string
}

const rpId = ({ origin }: Site): string => new URL(origin).hostname
const CHALLENGE_MS = 5 * 60_000

/** What the browser asks the authenticator to make for an enrolment. */
export const passkeyEnrolment = async (
  house: House,
  secret: string,
  site: Site,
): Promise<Result<PublicKeyCredentialCreationOptionsJSON>> => {
  const account = await enrolmentAccount(house, secret)
  if (!account.ok) return account
  const { id, name } = account.value
  const options = await generateRegistrationOptions({
    rpName: 'MISSION Gateway',
    rpID: rpId(site),
    userName: name,
    userDisplayName: name,
    userID: new Uint8Array(Buffer.from(id.replaceAll('-', ''), 'hex')),
    attestationType: 'none',
    authenticatorSelection: { residentKey: 'required', userVerification: 'required' },
  })
  await keepChallenge(house, 'passkey-enrolment', options.challenge, id)
  return ok(options)
}

const keepChallenge = async (
  house: House,
  kind: 'passkey-enrolment' | 'passkey-sign-in',
  challenge: string,
  staff?: string,
): Promise<void> => {
  const at = house.clock.now()
  const ticket = { kind, body: {}, until: plusMs(at, CHALLENGE_MS), ...(staff === undefined ? {} : { staff }) }
  await house.db.transact((tx) => keepTicket(tx, hashOfSecret(challenge), ticket, at))
}

/** The question that an answer says it answers. */
const challengeIn = (clientDataJSON: string): string => {
  try {
    const said: unknown = JSON.parse(Buffer.from(clientDataJSON, 'base64url').toString())
    const challenge = typeof said === 'object' && said !== null && 'challenge' in said ? said.challenge : ''
    return typeof challenge === 'string' ? challenge : ''
  } catch {
    return ''
  }
}

const over = (): Result<never> =>
  fail(problem('unauthenticated', 'passkey-refused', { detail: 'the passkey was not accepted; try again' }))

/** Takes the enrolment link, keeps the passkey, and signs in. */
export const enrolPasskey = async (
  house: House,
  secret: string,
  response: RegistrationResponseJSON,
  site: Site,
  times: SessionTimes,
): Promise<Result<OpenedSession>> => {
  const challenge = challengeIn(response.response.clientDataJSON)
  const verified = await verifyRegistrationResponse({
    response,
    expectedChallenge: challenge,
    expectedOrigin: site.origin,
    expectedRPID: rpId(site),
    requireUserVerification: true,
  }).catch(() => undefined)
  if (verified?.verified !== true) return over()
  const { credential } = verified.registrationInfo
  return write(house, async (writing) => {
    const at = house.clock.now()
    const asked = await takeTicket(writing.tx, 'passkey-enrolment', hashOfSecret(challenge), at)
    const link = await takeTicket(writing.tx, 'enrolment', hashOfSecret(secret), at)
    const account = link?.staff === undefined || asked?.staff !== link.staff ? undefined : await staffById(writing.tx, link.staff)
    if (account?.isActive !== true) return over()
    const passkey = {
      id: credential.id,
      staff: account.id,
      publicKey: Buffer.from(credential.publicKey),
      counter: credential.counter,
      transports: credential.transports ?? [],
    }
    if (!(await addPasskey(writing.tx, passkey, at))) return over()
    return ok(await beginSession(house, writing, account, 'passkey', times))
  })
}

/** What the browser asks any passkey of this site for; it names no account. */
export const passkeyQuestion = async (house: House, site: Site): Promise<PublicKeyCredentialRequestOptionsJSON> => {
  const options = await generateAuthenticationOptions({ rpID: rpId(site), userVerification: 'required' })
  await keepChallenge(house, 'passkey-sign-in', options.challenge)
  return options
}

/** Signs in whoever holds the passkey. */
export const signInWithPasskey = async (
  house: House,
  response: AuthenticationResponseJSON,
  site: Site,
  times: SessionTimes,
): Promise<Result<OpenedSession>> => {
  const challenge = challengeIn(response.response.clientDataJSON)
  const at = house.clock.now()
  const asked = await house.db.transact((tx) => takeTicket(tx, 'passkey-sign-in', hashOfSecret(challenge), at))
  const passkey = await passkeyById(house.db, response.id)
  const account = passkey === undefined ? undefined : await staffById(house.db, passkey.staff)
  if (asked !== undefined && passkey !== undefined && account?.isActive === true) {
    const verified = await verifyAuthenticationResponse({
      response,
      expectedChallenge: challenge,
      expectedOrigin: site.origin,
      expectedRPID: rpId(site),
      requireUserVerification: true,
      credential: { id: passkey.id, publicKey: new Uint8Array(passkey.publicKey), counter: passkey.counter },
    }).catch(() => undefined)
    if (verified?.verified === true) {
      const counter = verified.authenticationInfo.newCounter
      const session = await write(house, async (writing) => {
        if (!(await noteCounter(writing.tx, passkey.id, passkey.counter, counter))) return over()
        await noteSuccess(writing.tx, account.id)
        return ok(await beginSession(house, writing, account, 'passkey', times))
      })
      if (session.ok) return session
    }
  }
  await noteRefused(house, 'passkey', account?.id, account?.role ?? 'none')
  return over()
}
