import { Button } from '@mantine/core'
import { useState, type ReactNode } from 'react'
import type { StaffLine } from '../../model/console.ts'
import { ask } from '../api.ts'
import { useList } from '../list.ts'
import { ListTable } from '../parts/list.tsx'
import { Facts, Moment, PageHead, Panel, Problem, Tag } from '../parts/parts.tsx'
import type { Column } from '../parts/table.tsx'
import { useMay } from '../session.ts'
import { say } from '../words.ts'

const COLUMNS: readonly Column<StaffLine>[] = [
  { title: 'Name', sort: 'name', cell: ({ name }) => name },
  { title: 'Role', sort: 'role', cell: ({ role }) => say(role) },
  {
    title: 'Signs in with',
    cell: ({ isLocal, means }) => (isLocal ? means.join(', ') || 'not enrolled yet' : 'the organisation'),
  },
  {
    title: 'State',
    sort: 'active',
    cell: ({ isActive }) => <Tag tone={isActive ? 'good' : 'bad'}>{isActive ? 'active' : 'shut out'}</Tag>,
  },
  { title: 'Sessions', sort: 'sessions', isGreatestFirst: true, cell: ({ sessions }) => String(sessions) },
]

/** Who may sign in, and who is signed in. */
export const Staff = (): ReactNode => {
  const may = useMay()
  const list = useList<StaffLine>('/staff')
  const [open, setOpen] = useState<StaffLine>()
  const [error, setError] = useState<Error>()
  return (
    <>
      <PageHead
        title="Staff"
        says="Who may sign in to this console, and who is signed in. Accounts are made with the operator's commands."
      />
      <ListTable caption="Staff" columns={COLUMNS} list={list} keyOf={({ id }) => id} empty="Nobody." onOpen={setOpen} />
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
                    list.query.refetch().catch(() => undefined)
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
