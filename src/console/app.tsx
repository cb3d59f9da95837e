import icon from './icon.svg'
import { Button, useMantineColorScheme } from '@mantine/core'
import { useQueryClient } from '@tanstack/react-query'
import { Suspense, useEffect, useState, type MouseEvent, type ReactNode } from 'react'
import type { Me } from '../model/console.ts'
import { addressOf, go, useAddress } from './address.ts'
import { ask, fetchMe, onSignedOut } from './api.ts'
import { Enrol } from './enrol.tsx'
import { IdleWatch } from './idle.tsx'
import { PAGES, type PageRow } from './pages.ts'
import { Problem } from './parts/parts.tsx'
import { Printed } from './parts/printed.tsx'
import { SessionProvider, useMe } from './session.ts'
import { SignIn } from './sign-in.tsx'
import { roleWords } from './words.ts'

type State =
  { readonly is: 'asking' } | { readonly is: 'out'; readonly hasEnded: boolean } | { readonly is: 'in'; readonly me: Me }

/** The gate, or the pages. */
export const App = (): ReactNode => {
  const [state, setState] = useState<State>({ is: 'asking' })
  const [error, setError] = useState<Error>()
  const client = useQueryClient()
  const page = useAddress()
  const enter = (): void => {
    fetchMe().then((me) => {
      setState(me === undefined ? { is: 'out', hasEnded: false } : { is: 'in', me })
    }, setError)
  }
  useEffect(() => {
    onSignedOut(() => {
      // what was shown goes with the session
      client.clear()
      setState((former) => ({ is: 'out', hasEnded: former.is === 'in' }))
    })
    enter()
  }, [client])
  const cameIn = (): void => {
    go('')
    enter()
  }
  if (error !== undefined)
    return (
      <main className="gate">
        <Problem error={error} />
      </main>
    )
  if (page === 'enrol') return <Enrol onIn={cameIn} />
  if (state.is === 'asking') return null
  if (state.is === 'out') return <SignIn onIn={cameIn} hasEnded={state.hasEnded} />
  return (
    <SessionProvider value={state.me}>
      <Shell page={page} />
      <IdleWatch />
    </SessionProvider>
  )
}

const follow = (event: MouseEvent<HTMLAnchorElement>, name: string): void => {
  if (event.ctrlKey || event.metaKey || event.shiftKey || event.button !== 0) return
  event.preventDefault()
  go(name)
}

const Shell = ({ page }: { readonly page: string }): ReactNode => {
  const { rights } = useMe()
  const [isOpen, setOpen] = useState(false)
  const mine = PAGES.filter(({ permission }) => rights.includes(permission))
  const shown = mine.find(({ name }) => name === page)
  useEffect(() => {
    setOpen(false)
  }, [page])
  return (
    <>
      <a className="skip" href="#main">
        Skip to the page
      </a>
      <header className="top">
        <Brand />
        <button
          type="button"
          className="menu-button"
          aria-expanded={isOpen}
          aria-controls="side"
          onClick={() => {
            setOpen(!isOpen)
          }}
        >
          Menu
        </button>
      </header>
      <div className="shell">
        <aside className="side" id="side" data-open={isOpen}>
          <Brand />
          <nav className="nav" aria-label="Pages">
            {mine.map((row, nth) => (
              <NavRow key={row.name} row={row} isFirst={row.group !== mine[nth - 1]?.group} isHere={row === shown} />
            ))}
          </nav>
          <WhoAmI />
        </aside>
        <main className="main" id="main" tabIndex={-1}>
          <div className="stack">
            {shown === undefined ? (
              <Nowhere />
            ) : (
              <Suspense fallback={<p role="status">Loading…</p>}>
                <shown.view key={shown.name} />
              </Suspense>
            )}
            <Printed />
          </div>
        </main>
      </div>
    </>
  )
}

const NavRow = ({
  row,
  isFirst,
  isHere,
}: {
  readonly row: PageRow
  readonly isFirst: boolean
  readonly isHere: boolean
}): ReactNode => (
  <>
    {isFirst && row.group !== '' ? <span className="nav-title">{row.group}</span> : null}
    <a
      href={addressOf(row.name)}
      aria-current={isHere ? 'page' : undefined}
      onClick={(event) => {
        follow(event, row.name)
      }}
    >
      {row.title}
    </a>
  </>
)

const Brand = (): ReactNode => (
  <div className="brand">
    <img src={icon} alt="" />
    <span>
      MISSION Gateway <small>Console</small>
    </span>
  </div>
)

const Nowhere = (): ReactNode => (
  <div className="sheet stack">
    <h1>Nothing here</h1>
    <p>There is no such page, or your role does not include it.</p>
    <div>
      <Button
        variant="default"
        onClick={() => {
          go('')
        }}
      >
        To the start
      </Button>
    </div>
  </div>
)

const WhoAmI = (): ReactNode => {
  const { staff } = useMe()
  const { colorScheme, setColorScheme } = useMantineColorScheme()
  const isDark = colorScheme === 'dark' || (colorScheme === 'auto' && window.matchMedia('(prefers-color-scheme: dark)').matches)
  const leave = (): void => {
    ask<{ next?: string }>('/sign-out', {}).then(
      ({ next }) => {
        window.location.assign(next ?? '/console')
      },
      () => {
        window.location.assign('/console')
      },
    )
  }
  return (
    <div className="whoami">
      <div>
        <strong>{staff.name}</strong>
        <div className="small soft">{roleWords(staff.role)}</div>
      </div>
      <div className="row">
        <Button
          variant="default"
          size="xs"
          onClick={() => {
            setColorScheme(isDark ? 'light' : 'dark')
          }}
        >
          {isDark ? 'Light' : 'Dark'}
        </Button>
        <Button variant="default" size="xs" onClick={leave}>
          Sign out
        </Button>
      </div>
    </div>
  )
}
