import type { TestCaseResult } from '../../src/client.ts'
import { formatCount, formatMoment, formatMoney, formatSpan } from '../lib/format.ts'
import { useLoaded } from '../lib/load.ts'
import { setQuery, useEscape } from '../lib/router.ts'
import { client } from '../lib/server.ts'
import { Empty, Shown, Status } from '../parts/basics.tsx'
import { DiffPart } from '../run/diff-part.tsx'
import type { ListedResult, pairOf } from './test-rows.ts'

type Props = {
  readonly test: string
  readonly name: string
  readonly pair: ReturnType<typeof pairOf>
  readonly results: readonly ListedResult[]
}

/** A case in a result and in the one before it: what failed, both answers, and the lines that differ. */
export function TestCase({ test, name, pair, results }: Props) {
  const { result, before } = pair
  const found = useLoaded(`case ${test} ${result} ${before} ${name}`, async () => {
    const [mine, other] = await Promise.all([result, before].map((id) => readCase(test, id, name)))
    return { mine, other }
  })
  const at = (id: string | undefined) => results.find((one) => one.id === id)?.at
  const close = () => setQuery({ case: '', result: '' })
  useEscape(close)
  return (
    <section class="pair" aria-label={`The case ${name} in both results`}>
      <header>
        <h2>{name}</h2>
        <button type="button" class="plain close" aria-label="Close the case" onClick={close}>
          ✕
        </button>
      </header>
      <Shown of={found}>
        {({ mine, other }) =>
          mine === undefined ? (
            <Empty title="No result with this address has this case." />
          ) : (
            <>
              <div class="pair-heads">
                <Head of={mine} at={at(result)} />
                <Head of={other} at={at(before)} />
              </div>
              {PARTS.map(([part, textOf]) => (
                <DiffPart
                  key={part}
                  name={part}
                  left={textOf(mine)}
                  right={other ? textOf(other) : ''}
                  of="both results"
                />
              ))}
              {[mine, other].some((one) => one?.cut) && (
                <p class="quiet small">
                  A part of this is stored: {[...new Set([mine, other].flatMap((one) => one?.cut ?? []))].join(', ')}.
                </p>
              )}
            </>
          )
        }
      </Shown>
    </section>
  )
}

async function readCase(test: string, id: string | undefined, name: string): Promise<TestCaseResult | undefined> {
  if (id === undefined) return undefined
  const { cases } = await client.tests.result(test, id)
  return cases.find((one) => one.name === name)
}

const PARTS: readonly (readonly [string, (one: TestCaseResult) => string])[] = [
  ['Failures', ({ failures }) => failures.join('\n')],
  ['Answer', ({ answer = '' }) => answer],
  ['Messages', ({ messages }) => messages.join('\n')],
  ['Calls', ({ calls }) => calls.map(({ tool, input, outcome }) => `${tool} ${input} ${outcome ?? ''}`).join('\n')],
  ['Notes', ({ notes }) => notes.join('\n')],
]

function Head({ of, at }: { readonly of: TestCaseResult | undefined; readonly at: number | undefined }) {
  if (!of || at === undefined) return <p class="facts-line quiet">No earlier result has this case.</p>
  return (
    <p class="facts-line">
      <b>{formatMoment(at)}</b>
      <Status of={of.passed ? 'completed' : 'failed'} />
      {of.score !== undefined && <span>score {of.score}</span>}
      <span>{formatSpan(of.ms)}</span>
      <span>{formatCount(of.tokens)} tokens</span>
      <span>{formatMoney(of.cost)}</span>
      <span>{of.models.join(', ')}</span>
    </p>
  )
}
