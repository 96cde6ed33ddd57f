import type { ComponentChildren } from 'preact'
import type { RunDocument, RunSource, StepDocument } from '../../src/client.ts'
import { asText, formatCount, formatMoney, formatSpan, namedValues } from '../lib/format.ts'
import { useLoaded } from '../lib/load.ts'
import { href } from '../lib/router.ts'
import { client } from '../lib/server.ts'
import { Empty, Length, Shown, Status } from '../parts/basics.tsx'
import { StepPair } from './step-pair.tsx'
import { resultIn, textsIn } from './step-text.ts'

type Props = {
  readonly id: string
  readonly run: RunDocument
  readonly other: string | undefined
  readonly step: string | undefined
}

/** Two runs side by side: this one, and another or the last good one of the same name. */
export function Compare({ id, run, other, step }: Props) {
  const found = useLoaded(`compare ${id} ${other ?? ''}`, async () => {
    const with_ = other ?? (await lastGood(id, run))
    if (with_ === undefined) return null
    const [against, ...sources] = await Promise.all([
      client.runs.get(with_),
      ...[id, with_].map((one) => client.runs.source(one)),
    ])
    return { against, sources }
  })
  return (
    <Shown of={found}>
      {(pair) =>
        pair === null ? (
          <Empty title={`No other run of ${run.name} has completed before.`} />
        ) : (
          <>
            <Facts run={run} against={pair.against} inputs={pair.sources.map(inputsOf)} isLastGood={!other} />
            {step !== undefined && <StepPair run={id} other={pair.against.execution_id} step={step} />}
            <Steps id={id} run={run} against={pair.against} step={step} sources={pair.sources} />
          </>
        )
      }
    </Shown>
  )
}

type Inputs = { readonly [name: string]: unknown }

/** What a run was given; a run whose source is gone shows none. */
const inputsOf = ({ inputs }: RunSource): Inputs => Object.fromEntries(namedValues(inputs))

async function lastGood(id: string, { name, started_at }: RunDocument): Promise<string | undefined> {
  const runs = await client.runs.list({ name, status: 'completed', until: Date.parse(started_at), limit: 5 })
  return runs.find((run) => run.id !== id)?.id
}

type Both = { readonly run: RunDocument; readonly against: RunDocument }

function inputRows([mine = {}, other = {}]: readonly Inputs[]): readonly (readonly [string, string, string, string])[] {
  const names = [...new Set([...Object.keys(mine), ...Object.keys(other)])]
  return names
    .map((name) => [`Input ${name}`, asText(mine[name] ?? ''), asText(other[name] ?? '')] as const)
    .filter(([, left, right]) => left !== right)
    .slice(0, MAX_INPUTS)
    .map(([name, left, right]) => [name, clipped(left), clipped(right), 'differs'] as const)
}

const MAX_INPUTS = 50
const MAX_INPUT = 300
const clipped = (text: string) => (text.length > MAX_INPUT ? `${text.slice(0, MAX_INPUT)}…` : text)

/** What both runs were given and took, and the difference. */
function Facts({
  run,
  against,
  inputs,
  isLastGood,
}: Both & { readonly inputs: readonly Inputs[]; readonly isLastGood: boolean }) {
  const took = ({ duration }: RunDocument) => (duration === null ? undefined : duration * 1000)
  const tokens = ({ usage }: RunDocument) => (usage ? usage.input + usage.output : undefined)
  const rows: readonly (readonly [string, ComponentChildren, ComponentChildren, string])[] = [
    [
      'Status',
      <Status key="a" of={run.status} />,
      <Status key="b" of={against.status} />,
      run.status === against.status ? 'the same' : 'differs',
    ],
    ...inputRows(inputs),
    ['Took', span(took(run)), span(took(against)), change(took(run), took(against), formatSpan)],
    ['Tokens', count(tokens(run)), count(tokens(against)), change(tokens(run), tokens(against), formatCount)],
    [
      'Cost',
      formatMoney(run.usage?.cost),
      formatMoney(against.usage?.cost),
      change(run.usage?.cost, against.usage?.cost, formatMoney),
    ],
    ['Pipeline', '', '', run.pipeline_hash === against.pipeline_hash ? 'the same' : 'another text'],
  ]
  return (
    <table class="compare facts-table">
      <thead>
        <tr>
          <th>
            <span class="unseen">Fact</span>
          </th>
          <th>This run</th>
          <th>
            {isLastGood ? 'The last good run, ' : 'The other run, '}
            <a href={href(['runs', against.execution_id])}>{against.execution_id}</a>
          </th>
          <th>Difference</th>
        </tr>
      </thead>
      <tbody>
        {rows.filter(hasContent).map(([name, mine, other, difference]) => (
          <tr key={name}>
            <th scope="row">{name}</th>
            <td>{mine}</td>
            <td>{other}</td>
            <td class="quiet">{difference}</td>
          </tr>
        ))}
      </tbody>
    </table>
  )
}

const hasContent = ([, mine, other, difference]: readonly unknown[]) => [mine, other, difference].some(Boolean)

const span = (ms: number | undefined) => (ms === undefined ? 'not over' : formatSpan(ms))
const count = (tokens: number | undefined) => (tokens === undefined ? '' : formatCount(tokens))

function change(mine: number | undefined, other: number | undefined, format: (value: number) => string): string {
  if (mine === undefined || other === undefined) return ''
  if (mine === other) return 'the same'
  return `${format(Math.abs(mine - other))} ${mine > other ? 'more' : 'less'}`
}

type StepsProps = Both & Pick<Props, 'id' | 'step'> & { readonly sources: readonly RunSource[] }

function Steps({ id, run, against, step: chosen, sources }: StepsProps) {
  const [mine, theirs] = sources.map(textsIn)
  const ids = [...new Set([...Object.keys(run.steps), ...Object.keys(against.steps)])]
  const other = against.execution_id
  const longest = Math.max(...[run, against].flatMap(({ steps }) => Object.values(steps).map(lengthOf)), 0.001)
  return (
    <table class="compare">
      <thead>
        <tr>
          <th>Step</th>
          <th>This run</th>
          <th>The other run</th>
          <th>Differs</th>
        </tr>
      </thead>
      <tbody>
        {ids.slice(0, MAX_ROWS).map((step) => (
          <tr key={step} class={step === chosen ? 'chosen' : ''}>
            <th scope="row">
              <a href={href(['runs', id], { view: 'compare', with: other, step })}>{step}</a>
            </th>
            <td>
              <Side step={run.steps[step]} longest={longest} />
            </td>
            <td>
              <Side step={against.steps[step]} longest={longest} />
            </td>
            <td>{differenceOf(run.steps[step], against.steps[step], mine!(step) !== theirs!(step))}</td>
          </tr>
        ))}
      </tbody>
      {ids.length > MAX_ROWS && <caption>{`The first ${MAX_ROWS} of ${ids.length} steps.`}</caption>}
    </table>
  )
}

const MAX_ROWS = 500

const lengthOf = ({ duration }: StepDocument) => duration ?? 0

function Side({ step, longest }: { readonly step: StepDocument | undefined; readonly longest: number }) {
  if (!step) return <span class="quiet">not in this run</span>
  const costs = (step.models ?? []).flatMap(({ cost }) => (cost === undefined ? [] : [cost]))
  return (
    <>
      <Status of={step.status} /> {step.duration !== null && formatSpan(step.duration * 1000)}{' '}
      {costs.length > 0 && formatMoney(costs.reduce((sum, cost) => sum + cost, 0))}{' '}
      {step.reused && <span class="quiet">reused</span>}
      <Length share={step.reused ? 0 : lengthOf(step) / longest} height={4} />
    </>
  )
}

function differenceOf(
  one: StepDocument | undefined,
  two: StepDocument | undefined,
  isRewritten: boolean,
): ComponentChildren {
  if (!one || !two) return 'the step'
  const parts = [
    isRewritten && 'its text',
    one.status !== two.status && 'status',
    one.error_code !== two.error_code && 'error',
    one.model !== two.model && 'model',
    JSON.stringify(resultIn(one.value)) !== JSON.stringify(resultIn(two.value)) && 'result',
  ]
  return parts.filter(Boolean).join(', ') || <span class="quiet">nothing</span>
}
