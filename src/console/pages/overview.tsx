import { lazy, Suspense, type MouseEvent, type ReactNode } from 'react'
import type { Overview as Told } from '../../model/console.ts'
import { addressOf, go } from '../address.ts'
import { number } from '../format.ts'
import { Answer, PageHead, Sheet } from '../parts/parts.tsx'
import { useMe } from '../session.ts'
import { useAnswer } from '../use.ts'

const ShownChart = lazy(() => import('../charts/shown.tsx').then(({ ShownByDay }) => ({ default: ShownByDay })))

/** What needs somebody today. */
export const Overview = (): ReactNode => {
  const { staff } = useMe()
  const query = useAnswer<Told>('/overview')
  return (
    <>
      <PageHead title="Today" says={`What waits for you, ${staff.name}.`} />
      <Answer query={query}>
        {({ tiles, shown, uncounted = 0 }) => (
          <>
            <Waiting tiles={tiles} />
            {shown === undefined ? null : (
              <Sheet title="Disclosures of the last 30 days">
                {uncounted === 0 ? null : (
                  <p role="status">
                    The last {number(uncounted)} entries of the ledger are not counted yet; load this page again.
                  </p>
                )}
                {shown.length === 0 ? (
                  <p className="soft">Nothing was shown to anybody.</p>
                ) : (
                  <Suspense fallback={<p role="status">Drawing…</p>}>
                    <ShownChart rows={shown} />
                  </Suspense>
                )}
              </Sheet>
            )}
          </>
        )}
      </Answer>
    </>
  )
}

const URGENCY = { bad: 0, warn: 1, good: 2 } as const

/** What waits, the most urgent first; what does not is only named. */
const Waiting = ({ tiles }: { readonly tiles: Told['tiles'] }): ReactNode => {
  const waiting = tiles.filter(({ count }) => count > 0).toSorted((a, b) => URGENCY[a.tone] - URGENCY[b.tone])
  const quiet = tiles.filter(({ count }) => count === 0)
  return (
    <>
      {waiting.length === 0 ? (
        <p className="sheet tile" data-tone="good" role="status">
          <strong>Nothing waits for you.</strong>
        </p>
      ) : (
        <ul className="cards plain" aria-label="What waits">
          {waiting.map(({ code, count, page, tone, words }) => (
            <li key={code}>
              <To page={page} className="sheet tile" tone={tone}>
                <b>{number(count)}</b> <span className="soft words">{words}</span>
              </To>
            </li>
          ))}
        </ul>
      )}
      {quiet.length === 0 ? null : (
        <details className="quiet">
          <summary>{number(quiet.length)} more, with nothing to do</summary>
          <ul className="plain saved">
            {quiet.map(({ code, page, words }) => (
              <li key={code}>
                <To page={page}>No {words}</To>
              </li>
            ))}
          </ul>
        </details>
      )}
    </>
  )
}

const To = ({
  page,
  tone,
  className,
  children,
}: {
  readonly page: string
  readonly tone?: string
  readonly className?: string
  readonly children: ReactNode
}): ReactNode => (
  <a
    className={className}
    data-tone={tone}
    href={addressOf(page)}
    onClick={(event: MouseEvent) => {
      event.preventDefault()
      go(page)
    }}
  >
    {children}
  </a>
)
