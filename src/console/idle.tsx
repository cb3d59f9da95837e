import { Button } from '@mantine/core'
import { useEffect, useRef, useState, type ReactNode } from 'react'
import { fetchMe, lastUse } from './api.ts'
import { elapsedMs } from './clock.ts'
import { useMe } from './session.ts'

const WARN_MS = 2 * 60_000
const LOOK_MS = 5_000

/** Asks before a session that is not used ends, in time to go on. @spec WCAG 2.2, 2.2.1 */
export const IdleWatch = (): ReactNode => {
  const { idleMs } = useMe()
  const [leftMs, setLeft] = useState<number>()
  const dialog = useRef<HTMLDialogElement>(null)
  useEffect(() => {
    const timer = setInterval(() => {
      const left = idleMs - (elapsedMs() - lastUse())
      setLeft(left < WARN_MS ? Math.max(left, 0) : undefined)
      // the gateway says whether it is over; asking does not keep a session alive that has ended
      if (left <= 0) fetchMe().catch(() => undefined)
    }, LOOK_MS)
    return () => {
      clearInterval(timer)
    }
  }, [idleMs])
  const isNear = leftMs !== undefined
  useEffect(() => {
    if (isNear) dialog.current?.showModal()
    else dialog.current?.close()
  }, [isNear])
  return (
    <dialog className="ask" ref={dialog} aria-label="Your session is about to end">
      <div className="stack">
        <h2>Are you still here?</h2>
        <p>
          Your session ends in less than {Math.max(1, Math.ceil((leftMs ?? 0) / 60_000))} minutes, because nothing was asked for.
        </p>
        <div>
          <Button
            onClick={() => {
              fetchMe().then(
                () => {
                  setLeft(undefined)
                },
                () => undefined,
              )
            }}
          >
            Stay signed in
          </Button>
        </div>
      </div>
    </dialog>
  )
}
