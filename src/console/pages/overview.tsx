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
            {tiles.every(({ count }) => count === 0) ? (
              <p className="sheet" role="status">
                Nothing waits for you.
              </p>
            ) : null}
            <ul className="cards plain" aria-label="What waits">
              {[...tiles]
                .sort((a, b) => Number(b.count > 0) - Number(a.count > 0))
                .map(({ code, count, page, tone, words }) => (
                  <li key={code}>
                    <a
                      className="sheet tile"
                      data-tone={tone}
                      href={addressOf(page)}
                      onClick={(event: MouseEvent) => {
                        event.preventDefault()
                        go(page)
                      }}
                    >
                      <b>{number(count)}</b>
                      <span className="soft">{words}</span>
                    </a>
                  </li>
                ))}
            </ul>
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
