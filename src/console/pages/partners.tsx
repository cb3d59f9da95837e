import { useState, type ReactNode } from 'react'
import type { PartnerLine } from '../../model/console-partners.ts'
import { count, useDates } from '../format.ts'
import { useList } from '../list.ts'
import { ListTable } from '../parts/list.tsx'
import { Facts, Moment, PageHead, Panel, Tag } from '../parts/parts.tsx'
import type { Column } from '../parts/table.tsx'
import { say, toneOf } from '../words.ts'

const Health = ({ of }: { readonly of: PartnerLine }): ReactNode => {
  if (!of.isActive) return <Tag tone="bad">disabled</Tag>
  if (of.pausedSince !== undefined) return <Tag tone="warn">paused</Tag>
  if (of.incidents > 0) return <Tag tone="bad">{count(of.incidents, 'incident')}</Tag>
  if (of.held > 0) return <Tag tone="warn">{of.held} held</Tag>
  return <Tag tone="good">well</Tag>
}

const COLUMNS: readonly Column<PartnerLine>[] = [
  { title: 'Partner', sort: 'name', cell: ({ name }) => name },
  { title: 'Is', cell: ({ kinds }) => kinds.map(say).join(', ') },
  { title: 'Field', sort: 'sector', cell: ({ sector }) => say(sector) },
  {
    title: 'Health',
    sort: 'incidents',
    isGreatestFirst: true,
    cell: (line) => <Health of={line} />,
  },
  {
    title: 'Agreements',
    cell: ({ agreements }) => String(agreements.length),
  },
  {
    title: 'Last shown',
    sort: 'shown',
    isGreatestFirst: true,
    cell: ({ lastShownAt }) => (lastShownAt === undefined ? 'never' : <Moment at={lastShownAt} isShort />),
  },
]

/** Who is registered, under which agreements, with which keys. */
export const Partners = (): ReactNode => {
  const dates = useDates()
  const list = useList<PartnerLine>('/partners')
  const [open, setOpen] = useState<PartnerLine>()
  return (
    <>
      <PageHead title="Partners" says="Who is registered, under which agreements, with which keys, and how they fare." />
      <ListTable
        caption="Partners"
        columns={COLUMNS}
        list={list}
        keyOf={({ id }) => id}
        empty="No partner is registered."
        onOpen={setOpen}
      />
      {open === undefined ? null : (
        <Panel
          title={open.name}
          onClose={() => {
            setOpen(undefined)
          }}
        >
          <Facts
            rows={[
              ['Id', <code key="id">{open.id}</code>],
              ['Is before the law', open.kinds.map(say).join(', ')],
              ['May ask for', open.purposes.map(say).join(', ')],
              ['Scopes', open.scopes.join(', ')],
              ['Is reached by', open.channels.map(say).join(', ') || 'asks by itself'],
              ['Waiting, held', `${String(open.waiting)}, ${String(open.held)}`],
            ]}
          />
          <section className="stack tight">
            <h3>Keys</h3>
            <ul className="plain">
              {open.keys.map(({ kid, kind }) => (
                <li key={kid}>
                  <code>{kid}</code> <span className="soft small">{kind}</span>
                </li>
              ))}
              {open.keysAt === undefined ? null : <li>published at {open.keysAt}</li>}
              {open.keys.length === 0 && open.keysAt === undefined ? <li className="soft">no key: it gets no token</li> : null}
            </ul>
          </section>
          <section className="stack tight">
            <h3>Agreements</h3>
            <ul className="plain">
              {open.agreements.map(({ id, kind, status, until, lacks }) => (
                <li key={id}>
                  <Tag tone={toneOf(status)}>{say(status)}</Tag> {say(kind)} <code>{id}</code>
                  {until === undefined ? '' : `, until ${dates.day(until)}`}
                  {lacks.map(({ requirement, law, words }) => (
                    <div key={requirement} className="small">
                      lacks {words} <span className="soft">{law}</span>
                    </div>
                  ))}
                </li>
              ))}
              {open.agreements.length === 0 ? <li className="soft">no agreement names this partner</li> : null}
            </ul>
          </section>
        </Panel>
      )}
    </>
  )
}
