import { useEffect, useRef } from 'preact/hooks'
import type { RunSource } from '../../src/client.ts'
import { placeIn } from '../graph/graph.ts'
import { formatSpan, now } from '../lib/format.ts'
import { setStep } from '../lib/router.ts'
import { Copy, Empty } from '../parts/basics.tsx'

type Props = { readonly source: RunSource; readonly chosen: string | undefined; readonly ids: ReadonlySet<string> }

/** The text of the pipeline with the lines of the chosen step, or the places of the operations of a workflow. */
export function SourceView({ source, chosen, ids }: Props) {
  return source.language === 'workflow' ? (
    <Operations source={source} chosen={chosen} />
  ) : (
    <PipelineText source={source} chosen={chosen} ids={ids} />
  )
}

/** The name of a step in the text: a step in a loop is written once. */
function nodeIn(id: string, ids: ReadonlySet<string>): string {
  const place = placeIn(id, ids)
  return place ? `${nodeIn(place.loop, ids)}.${place.name}` : id
}

function PipelineText({
  source,
  chosen,
  ids,
}: Omit<Props, 'source'> & { readonly source: Extract<RunSource, { language: 'pipeline' }> }) {
  const { text, name, changed, missing, steps } = source
  const first = useRef<HTMLElement>(null)
  useEffect(() => first.current?.scrollIntoView({ block: 'center' }), [chosen, text])
  if (text === undefined) return <Empty title={missing ?? 'This run has no text.'} />
  const place = chosen === undefined ? undefined : steps[nodeIn(chosen, ids)]
  const byLine = new Map(Object.entries(steps).map(([node, { line }]) => [line, node]))
  return (
    <>
      {changed && <p class="note">The file has changed since this run began. It is shown as it is now.</p>}
      <section class="source" aria-label="Text of the pipeline">
        <p class="source-head quiet small">
          <code>{name}</code>
          <Copy text={text} label="Copy" />
        </p>
        {/* biome-ignore lint/a11y/noNoninteractiveTabindex: a box that scrolls is reached by the keyboard */}
        <pre tabIndex={0}>
          {text.split('\n').map((line, index) => {
            const number = index + 1
            const isIn = place !== undefined && number >= place.line && number <= place.endLine
            const node = byLine.get(number)
            return (
              <code key={number} ref={isIn && number === place.line ? first : null} class={isIn ? 'in' : ''}>
                <span class="line-number">
                  {node !== undefined && ids.has(node) ? (
                    <button type="button" class="plain" onClick={() => setStep(node)}>
                      {number}
                      <span class="unseen"> open {node}</span>
                    </button>
                  ) : (
                    number
                  )}
                </span>
                {line}
                {'\n'}
              </code>
            )
          })}
        </pre>
      </section>
    </>
  )
}

type OperationsProps = {
  readonly source: Extract<RunSource, { language: 'workflow' }>
  readonly chosen: string | undefined
}

function Operations({ source: { operations, workflow }, chosen }: OperationsProps) {
  if (operations.length === 0) return <Empty title="The workflow has begun nothing yet." />
  return (
    <>
      <p class="quiet small">
        The function <code>{workflow}</code>, as the history of this run has it.
      </p>
      <table class="operations">
        <thead>
          <tr>
            <th>Operation</th>
            <th>Kind</th>
            <th>Place</th>
            <th>After</th>
            <th class="num">Took</th>
          </tr>
        </thead>
        <tbody>
          {operations.map(({ id, type, at, after, began, ended, until }) => (
            <tr key={id} class={id === chosen ? 'chosen' : ''}>
              <th scope="row">
                <button type="button" class="plain" onClick={() => setStep(id)}>
                  {id}
                </button>
              </th>
              <td>{type}</td>
              <td>
                <code>{at}</code>
              </td>
              <td class="quiet">{after.join(', ')}</td>
              <td class="num">
                {ended === undefined ? (
                  <span class="quiet">
                    {until === undefined ? 'open' : `wakes in ${formatSpan(until - now.value)}`}
                  </span>
                ) : (
                  formatSpan(ended - began)
                )}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </>
  )
}
