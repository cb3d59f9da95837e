import type { ReactNode } from 'react'
import { PageHead } from '../parts/parts.tsx'
import { ConsentsInDoubt } from './withheld/consents.tsx'
import { HeldMessages } from './withheld/messages.tsx'
import { HeldTexts } from './withheld/texts.tsx'

/** What waits for a person before anybody is shown it. */
export const Withheld = (): ReactNode => (
  <>
    <PageHead
      title="Withheld and doubtful"
      says="Texts that no rule is sure of, consents that fail or wait, and messages that could not be taken."
    />
    <HeldTexts />
    <ConsentsInDoubt />
    <HeldMessages />
  </>
)
