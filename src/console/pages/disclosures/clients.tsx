import type { ReactNode } from 'react'
import type { DisclosureLine } from '../../../model/console-disclosures.ts'
import { Client } from '../../parts/parts.tsx'

const SHOWN_MAX = 3

/** Whom a line is about: the first few by name, and how many more. */
export const Clients = ({ patients }: { readonly patients: DisclosureLine['patients'] }): ReactNode => (
  <span className="stack tight">
    {patients.slice(0, SHOWN_MAX).map((client) => (
      <Client key={client.id} client={client} />
    ))}
    {patients.length > SHOWN_MAX ? <span className="soft small">and {patients.length - SHOWN_MAX} more</span> : null}
    {patients.length === 0 ? <span className="soft">nobody</span> : null}
  </span>
)
