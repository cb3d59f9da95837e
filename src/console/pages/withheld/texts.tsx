import { Button, Checkbox } from '@mantine/core'
import { useState, type ReactNode } from 'react'
import type { HeldFreeText } from '../../../model/console-withheld.ts'
import { ask } from '../../api.ts'
import { useList } from '../../list.ts'
import { ListFoot } from '../../parts/list.tsx'
import { Answer, Client, Problem, Sheet } from '../../parts/parts.tsx'
import { useMay } from '../../session.ts'
import { useAnswer } from '../../use.ts'

/** Texts that no rule is sure of, each with what a person may decide. */
export const HeldTexts = (): ReactNode => {
  const list = useList<HeldFreeText>('/withheld/texts')
  const labels = useAnswer<readonly string[]>('/withheld/labels').data ?? []
  return (
    <section className="stack">
      <h2>Free text that waits</h2>
      <Answer query={list.query} rows={2}>
        {({ rows }) =>
          rows.length === 0 && list.depth === 0 ? (
            <p className="sheet soft">No text waits for a decision.</p>
          ) : (
            <>
              {rows.map((text) => (
                <Text key={text.id} text={text} labels={labels} onDone={() => list.query.refetch().catch(() => undefined)} />
              ))}
              <div className="sheet flush">
                <ListFoot list={list} />
              </div>
            </>
          )
        }
      </Answer>
    </section>
  )
}

const Text = ({
  text,
  labels,
  onDone,
}: {
  readonly text: HeldFreeText
  readonly labels: readonly string[]
  readonly onDone: () => unknown
}): ReactNode => {
  const may = useMay()
  const [chosen, setChosen] = useState<readonly string[]>([])
  const [error, setError] = useState<Error>()
  const decide = (decided: unknown): void => {
    ask('/withheld/decide', { id: text.id, decided }).then(onDone, setError)
  }
  return (
    <Sheet title={text.record} aside={text.client === undefined ? null : <Client client={text.client} />}>
      <blockquote className="quote">
        {text.text === '' ? 'The words are shown to those who decide about them.' : text.text}
      </blockquote>
      <p className="small soft">
        {text.place}, from {text.origin}; doubted by {text.rules.join(', ')}
      </p>
      {error === undefined ? null : <Problem error={error} />}
      {may('withheld.decide') ? (
        <div className="stack tight">
          <fieldset className="choices">
            <legend>What it tells of</legend>
            {labels.map((label) => (
              <Checkbox
                key={label}
                label={label}
                checked={chosen.includes(label)}
                onChange={({ currentTarget: { checked } }) => {
                  setChosen(checked ? [...chosen, label] : chosen.filter((one) => one !== label))
                }}
              />
            ))}
          </fieldset>
          <div className="row">
            <Button
              size="xs"
              disabled={chosen.length === 0}
              onClick={() => {
                decide({ verdict: 'label', sensitivity: chosen })
              }}
            >
              Label it so
            </Button>
            <Button
              size="xs"
              variant="default"
              onClick={() => {
                decide({ verdict: 'release' })
              }}
            >
              It tells of nothing sensitive: release
            </Button>
          </div>
        </div>
      ) : null}
    </Sheet>
  )
}
