import { Alert, Button, Skeleton } from '@mantine/core'
import { useEffect, useRef, type ReactNode } from 'react'
import type { UseQueryResult } from '@tanstack/react-query'
import type { ClientName } from '../../model/console.ts'
import { useDates, short } from '../format.ts'
import { Printed } from './printed.tsx'

export type Tone = 'good' | 'warn' | 'bad' | 'info' | 'plain'

/** A word on a ground of its own; the word says what the colour says. */
export const Tag = ({ tone = 'plain', children }: { readonly tone?: Tone; readonly children: ReactNode }): ReactNode => (
  <span className="tag" data-tone={tone}>
    {children}
  </span>
)

/** The head of a page: takes the focus, so that who cannot see it hears where they are. */
export const PageHead = ({
  title,
  says,
  children,
}: {
  readonly title: string
  readonly says: string
  readonly children?: ReactNode
}): ReactNode => {
  const heading = useRef<HTMLHeadingElement>(null)
  useEffect(() => {
    document.title = `${title} · MISSION Gateway`
    heading.current?.focus({ preventScroll: true })
  }, [title])
  return (
    <header className="row spread end">
      <div className="stack tight">
        <h1 ref={heading} tabIndex={-1}>
          {title}
        </h1>
        <p className="soft">{says}</p>
      </div>
      <div className="row no-print">{children}</div>
    </header>
  )
}

/** What came back, or that it is on its way, or why it did not come and how to ask again. */
export const Answer = <T,>({
  query,
  rows = 6,
  children,
}: {
  readonly query: UseQueryResult<T>
  readonly rows?: number
  readonly children: (data: T) => ReactNode
}): ReactNode => {
  if (query.isPending)
    return (
      <div className="sheet stack" role="status" aria-label="Loading">
        {Array.from({ length: rows }, (_, nth) => (
          <Skeleton key={nth} height={18} width={`${String(96 - ((nth * 17) % 40))}%`} />
        ))}
      </div>
    )
  if (query.isError)
    return (
      <Problem error={query.error}>
        <Button
          variant="default"
          size="xs"
          onClick={() => {
            query.refetch().catch(() => undefined)
          }}
        >
          Try again
        </Button>
      </Problem>
    )
  return children(query.data)
}

/** Why something did not work. */
export const Problem = ({ error, children }: { readonly error: Error; readonly children?: ReactNode }): ReactNode => (
  <Alert color="red" variant="light" title="This did not work" role="alert" className="problem">
    <div className="stack tight">
      <p>{error.message}</p>
      <div>{children}</div>
    </div>
  </Alert>
)

/** A moment in the programme's zone, with how long ago it was. */
export const Moment = ({ at, isShort = false }: { readonly at: string; readonly isShort?: boolean }): ReactNode => {
  const dates = useDates()
  return (
    <time dateTime={at} title={isShort ? dates.moment(at) : dates.ago(at)}>
      {isShort ? dates.ago(at) : dates.moment(at)}
    </time>
  )
}

/** Who a client is, as far as the role may know. */
export const Client = ({ client }: { readonly client: ClientName }): ReactNode =>
  client.name === undefined ? <code title={client.id}>{short(client.id)}</code> : <span title={client.id}>{client.name}</span>

/** A panel beside the page; the browser keeps the focus in it, and Escape closes it. */
export const Panel = ({
  title,
  onClose,
  children,
}: {
  readonly title: string
  readonly onClose: () => void
  readonly children: ReactNode
}): ReactNode => {
  const dialog = useRef<HTMLDialogElement>(null)
  useEffect(() => {
    const node = dialog.current
    node?.showModal()
    // what lies above a page is cut off at the end of the first sheet: for paper it becomes a part of the page
    const lay = (): void => {
      node?.close()
      node?.show()
    }
    const lift = (): void => {
      node?.close()
      node?.showModal()
    }
    window.addEventListener('beforeprint', lay)
    window.addEventListener('afterprint', lift)
    return () => {
      window.removeEventListener('beforeprint', lay)
      window.removeEventListener('afterprint', lift)
      node?.close()
    }
  }, [])
  // the event of a closing comes late: the panel may be open again
  const closed = (): void => {
    if (dialog.current?.open !== true) onClose()
  }
  return (
    <dialog className="panel" ref={dialog} onClose={closed} aria-label={title}>
      <div className="panel-head">
        <h2>{title}</h2>
        <Button variant="default" size="xs" onClick={onClose} className="no-print">
          Close
        </Button>
      </div>
      <div className="panel-body stack">
        {children}
        <Printed />
      </div>
    </dialog>
  )
}

/** Names and what they are. */
export const Facts = ({ rows }: { readonly rows: readonly (readonly [name: string, value: ReactNode])[] }): ReactNode => (
  <dl className="facts">
    {rows.map(([name, value]) => (
      <FactRow key={name} name={name} value={value} />
    ))}
  </dl>
)

const FactRow = ({ name, value }: { readonly name: string; readonly value: ReactNode }): ReactNode => (
  <>
    <dt>{name}</dt>
    <dd>{value}</dd>
  </>
)

/** A list in a sheet, under its heading. */
export const Sheet = ({
  title,
  children,
  aside,
}: {
  readonly title: string
  readonly children: ReactNode
  readonly aside?: ReactNode
}): ReactNode => (
  <section className="sheet stack">
    <div className="row spread">
      <h2>{title}</h2>
      {aside}
    </div>
    {children}
  </section>
)
