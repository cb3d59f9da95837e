import type { ReactNode } from 'react'
import { wallMs } from '../clock.ts'
import { useDates } from '../format.ts'
import { useMe } from '../session.ts'

/** Whose sheet it is and of when, for paper. */
export const Printed = (): ReactNode => {
  const { staff } = useMe()
  const dates = useDates()
  return (
    <p className="print-only small">
      MISSION Gateway, as {staff.name} saw it on {dates.moment(new Date(wallMs()).toISOString())} ({dates.zone}). Records about
      substance use disorder treatment: 42 CFR part 2 bars showing this to others without a ground in law.
    </p>
  )
}
