import type { StepDetail } from '../../src/client.ts'
import { asText, formatMoney, formatSpan } from '../lib/format.ts'
import { useLoaded } from '../lib/load.ts'
import { setQuery } from '../lib/router.ts'
import { client } from '../lib/server.ts'
import { Shown, Status } from '../parts/basics.tsx'
import { diffLines } from './diff.ts'

type Props = { readonly run: string; readonly other: string; readonly step: string }

/** One step of two runs: what each was given and gave, with the lines that differ. */
export function StepPair({ run, other, step }: Props) {
  const pair = useLoaded(`pair ${run} ${other} ${step}`, async () => {
    const [mine, theirs] = await Promise.all(
      [run, other].map((id) => client.runs.step(id, step).catch(() => undefined)),
    )
    return { mine, theirs }
  }, [`run/${run}`])
  return (
    <section class="pair" aria-label={`Step ${step} of both runs`}>
      <header>
        <h2>{step}</h2>
        <button type="button" class="plain close" aria-label="Close the step" onClick={() => setQuery({ step: '' })}>
          ✕
        </button>
      </header>
      <Shown of={pair}>
        {({ mine, theirs }) => (
          <>
            <div class="pair-heads">
              <Head of={mine} name="This run" />
              <Head of={theirs} name="The other run" />
            </div>
            {PARTS.map(([name, textOf]) => (
              <Part key={name} name={name} left={mine ? textOf(mine) : ''} right={theirs ? textOf(theirs) : ''} />
            ))}
          </>
        )}
      </Shown>
    </section>
  )
}

const PARTS: readonly (readonly [string, (step: StepDetail) => string])[] = [
  ['Error', ({ error }) => error ?? ''],
  ['Parameters', ({ parameters }) => (parameters === undefined ? '' : asText(parameters))],
  ['Prompt', ({ messages = [] }) => messages.map(({ role, text }) => `${role}: ${text}`).join('\n')],
  ['Result', ({ reply, value }) => reply ?? asText(resultOf(value))],
]

const resultOf = (value: StepDetail['value']) =>
  typeof value === 'object' && value !== null && 'result' in value ? (value.result ?? '') : (value ?? '')

function Head({ of, name }: { readonly of: StepDetail | undefined; readonly name: string }) {
  const cost = of?.models?.reduce<number | undefined>(
    (sum, use) => (use.cost === undefined ? sum : (sum ?? 0) + use.cost),
    undefined,
  )
  return (
    <p class="facts-line">
      <b>{name}</b>
      {of ? (
        <>
          <Status of={of.status} />
          {of.duration !== null && <span>{formatSpan(of.duration * 1000)}</span>}
          {of.model && <span>{of.model}</span>}
          {cost !== undefined && <span>{formatMoney(cost)}</span>}
        </>
      ) : (
        <span class="quiet">does not have this step</span>
      )}
    </p>
  )
}

/** Lines that are shown of a part. */
const MAX_LINES = 400

function Part({ name, left, right }: { readonly name: string; readonly left: string; readonly right: string }) {
  if (left === '' && right === '') return null
  if (left === right) return <p class="quiet small">{name}: the same in both</p>
  const lines = diffLines(left, right)
  return (
    <>
      <h3>{name}</h3>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: a box that scrolls is reached by the keyboard */}
      <section class="diff" tabIndex={0} aria-label={`${name} of both runs`}>
        {(['left', 'right'] as const).map((side) => (
          <pre key={side}>
            {lines
              .filter((line) => line.side === 'both' || (line.side === side && (side === 'left' ? left : right) !== ''))
              .slice(0, MAX_LINES)
              .map((line, index) => (
                <code key={index} class={line.side === 'both' ? '' : `only-${side}`}>
                  {line.side !== 'both' && <span class="unseen">only here: </span>}
                  {line.text}
                  {'\n'}
                </code>
              ))}
          </pre>
        ))}
      </section>
      {lines.length > MAX_LINES && <p class="quiet small">The first {MAX_LINES} lines are shown.</p>}
    </>
  )
}
