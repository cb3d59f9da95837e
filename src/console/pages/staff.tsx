import { Button } from '@mantine/core'
import { useState, type ReactNode } from 'react'
import type { StaffLine } from '../../model/console.ts'
import { ask } from '../api.ts'
import { Answer, Facts, Moment, PageHead, Panel, Problem, Tag } from '../parts/parts.tsx'
import { Table, type Column } from '../parts/table.tsx'
import { useMay } from '../session.ts'
import { useAnswer } from '../use.ts'
import { say } from '../words.ts'

const COLUMNS: readonly Column<StaffLine>[] = [
  { title: 'Name', cell: ({ name }) => name, text: ({ name }) => name },
  { title: 'Role', cell: ({ role }) => say(role), text: ({ role }) => role },
  {
    title: 'Signs in with',
    cell: ({ isLocal, means }) => (isLocal ? means.join(', ') || 'not enrolled yet' : 'the organisation'),
    text: ({ isLocal, means }) => (isLocal ? means.join(' ') : 'oidc'),
  },
  {
    title: 'State',
    cell: ({ isActive }) => <Tag tone={isActive ? 'good' : 'bad'}>{isActive ? 'active' : 'shut out'}</Tag>,
    text: ({ isActive }) => String(isActive),
  },
  { title: 'Sessions', cell: ({ sessions }) => String(sessions), text: ({ sessions }) => String(sessions) },
]

/** Who may sign in, and who is signed in. */
export const Staff = (): ReactNode => {
  const may = useMay()
  const query = useAnswer<readonly StaffLine[]>('/staff')
  const [open, setOpen] = useState<StaffLine>()
  const [error, setError] = useState<Error>()
  return (
    <>
      <PageHead
        title="Staff"
        says="Who may sign in to this console, and who is signed in. Accounts are made with the operator's commands."
      />
      <Answer query={query}>
        {(rows) => (
          <Table
            caption="Staff"
            columns={COLUMNS}
            rows={rows}
            keyOf={({ id }) => id}
            empty="Nobody."
            onOpen={setOpen}
            csv="staff"
          />
        )}
      </Answer>
      {open === undefined ? null : (
        <Panel
          title={open.name}
          onClose={() => {
            setOpen(undefined)
          }}
        >
          <Facts
            rows={[
              ['On the ledger as', <code key="id">{open.id}</code>],
              ['Role', say(open.role)],
              ['Open sessions', String(open.sessions)],
              ['Last seen', open.seenAt === undefined ? 'not signed in' : <Moment key="seen" at={open.seenAt} />],
            ]}
          />
          {error === undefined ? null : <Problem error={error} />}
          {may('staff.end-session') && open.sessions > 0 ? (
            <div>
              <Button
                variant="default"
                onClick={() => {
                  ask('/staff/end-sessions', { id: open.id }).then(() => {
                    setOpen(undefined)
                    query.refetch().catch(() => undefined)
                  }, setError)
                }}
              >
                End every session
              </Button>
            </div>
          ) : null}
        </Panel>
      )}
    </>
  )
}
