import type { StepDetail } from '../../src/client.ts'
import { asText, formatMoney, formatSpan } from '../lib/format.ts'
import { useLoaded } from '../lib/load.ts'
import { setStep, useEscape } from '../lib/router.ts'
import { client } from '../lib/server.ts'
import { Shown, Status } from '../parts/basics.tsx'
import { DiffPart } from './diff-part.tsx'
import { resultIn } from './step-text.ts'

type Props = { readonly run: string; readonly other: string; readonly step: string }

/** One step of two runs: what each was given and gave, with the lines that differ. */
export function StepPair({ run, other, step }: Props) {
  const pair = useLoaded(`pair ${run} ${other} ${step}`, async () => {
    const [mine, theirs] = await Promise.all(
      [run, other].map((id) => client.runs.step(id, step).catch(() => undefined)),
    )
    return { mine, theirs }
  }, [`run/${run}`])
  useEscape(() => setStep(''))
  return (
    <section class="pair" aria-label={`Step ${step} of both runs`}>
      <header>
        <h2>{step}</h2>
        <button type="button" class="plain close" aria-label="Close the step" onClick={() => setStep('')}>
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
              <DiffPart key={name} name={name} left={mine ? textOf(mine) : ''} right={theirs ? textOf(theirs) : ''} />
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
  ['Result', ({ reply, value }) => reply ?? asText(resultIn(value) ?? '')],
]

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
