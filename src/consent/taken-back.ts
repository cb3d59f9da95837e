import type { Consent, Resource } from '@medplum/fhirtypes'
import type { Provision } from '../model/consent.ts'
import type { Instant } from '../model/time.ts'
import { instant } from '../model/time.ts'
import { EXTENSION } from './extensions.ts'
import { extensionOf, readConsent } from './read-consent.ts'
import { isWritten } from './windows.ts'

const OVER: ReadonlySet<string> = new Set(['inactive', 'rejected', 'entered-in-error'])

/**
 * When a consent was taken back, as it says itself; undefined for one that stands.
 * @param written when this version came, for one that does not say
 */
export const revokedAtOf = (resource: Resource, written: Instant): Instant | undefined => {
  if (resource.resourceType !== 'Consent') return undefined
  const said = extensionOf(resource, EXTENSION.revokedAt)?.valueDateTime
  if (said !== undefined) return said.length > 10 && isWritten(said) ? instant(said) : written
  return OVER.has(resource.status) ? written : undefined
}

/** Does anything in the tree permit. */
export const permitsAnything = (provision: Provision): boolean =>
  provision.effect === 'permit' || provision.exceptions.some(permitsAnything)

/** Does a consent only refuse? Taking it back would widen what others permit. */
export const onlyRefuses = (consent: Consent): boolean => !permitsAnything(readConsent(consent).base)

/** The consent, taken back at the moment; one that only refuses stays as it is. @law 42 CFR 2.31(a)(6) */
export const takenBack = (consent: Consent, at: Instant): Consent =>
  onlyRefuses(consent)
    ? consent
    : {
        ...consent,
        extension: [
          ...(consent.extension ?? []).filter(({ url }) => url !== EXTENSION.revokedAt),
          { url: EXTENSION.revokedAt, valueDateTime: at },
        ],
      }
