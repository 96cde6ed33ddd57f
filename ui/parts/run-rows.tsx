import type { RunSummary } from '../../src/client.ts'
import { formatAgo, formatCount, formatMoment, formatMoney, formatSpan, inLocalTime, now } from '../lib/format.ts'
import { href } from '../lib/router.ts'
import { Status, Text } from './basics.tsx'

type RowsProps = {
  readonly runs: readonly RunSummary[]
  readonly chosen?: number
  /** the runs that are ticked; absent: rows have no box */
  readonly picks?: { readonly ids: ReadonlySet<string>; toggle(id: string): void }
}

/** Runs, a row each: what it is, why it stands still or failed, how far it is, and what it took. */
export function RunRows({ runs, chosen, picks }: RowsProps) {
  return (
    <ul class={picks ? 'rows run-rows pickable' : 'rows run-rows'}>
      <li class="row head" aria-hidden="true">
        <span>Run</span>
        <span>What happens</span>
        <span class="num">Steps</span>
        <span class="num">Time</span>
        <span class="num">Tokens</span>
        <span class="num">Cost</span>
        <span class="num">Started</span>
      </li>
      {runs.map((run, index) => (
        <li key={run.id} class={index === chosen ? 'row chosen' : 'row'}>
          <RunRow run={run} />
          {picks && (
            <input
              type="checkbox"
              class="pick"
              aria-label={`Choose ${run.name} ${run.id}`}
              checked={picks.ids.has(run.id)}
              onChange={() => picks.toggle(run.id)}
            />
          )}
        </li>
      ))}
    </ul>
  )
}

function RunRow({ run }: { readonly run: RunSummary }) {
  const { id, name, status, startedAt, finishedAt, details } = run
  const { usage } = details ?? {}
  const tokens = usage ? usage.input + usage.output : 0
  return (
    <>
      <a class="cell main" href={href(['runs', id])}>
        <Status of={status} quiet />
        <span class="names">
          <span class="name" title={name}>
            {name}
          </span>
          <span class="id" title={id}>
            {id}
          </span>
        </span>
      </a>
      <span class="cell says">
        <Says run={run} />
      </span>
      <span class="cell num steps">{details && <Steps of={details} status={status} />}</span>
      <span class="cell num">{formatSpan((finishedAt ?? now.value) - startedAt)}</span>
      <span class="cell num">{tokens > 0 && formatCount(tokens)}</span>
      <span class="cell num">{formatMoney(usage?.cost)}</span>
      <span class="cell num" title={new Date(startedAt).toISOString()}>
        {formatMoment(startedAt)}
      </span>
    </>
  )
}

/** The sentence of a run: why it stands still, or why it failed. */
function Says({ run: { status, details, degraded } }: { readonly run: RunSummary }) {
  const { stands, problem } = details ?? {}
  if (problem)
    return (
      <span class="problem" title={problem.message}>
        {problem.step && <b>{problem.step}</b>} {problem.message} <code>{problem.code}</code>
      </span>
    )
  if (stands)
    return (
      <span title={stands.says}>
        {stands.person && <span class="tag person">{stands.hint ? 'for code' : 'for you'}</span>}
        {stands.interrupted && <span class="tag person">resume it</span>} {inLocalTime(stands.says)}
        {stands.since !== undefined && <span class="quiet">, {formatAgo(stands.since).replace(' ago', '')}</span>}
        {stands.hint && <WaysOn of={stands.hint} />}
      </span>
    )
  if (degraded) return <span class="quiet">completed, but something is missing</span>
  return <span class="quiet">{status}</span>
}

/** The ways on for a run whose code does not fit. */
export const WaysOn = ({ of }: { readonly of: string }) => (
  <details>
    <summary>The ways on</summary>
    <Text of={of} name="The ways on" />
  </details>
)

type StepsProps = { readonly of: NonNullable<RunSummary['details']>; readonly status: string }

function Steps({ of: { total, done, failed, skipped }, status }: StepsProps) {
  // the steps that a failure skips are not progress
  const past = ['failed', 'cancelled'].includes(status) ? done : done + failed + skipped
  const share = (count: number) => `${total === 0 ? 0 : (count / total) * 100}%`
  return (
    <span class="steps-bar" title={`${done} done, ${failed} failed, ${skipped} skipped of ${total}`}>
      <span>
        {past}/{total}
      </span>
      <svg aria-hidden="true">
        <rect width="100%" height="4" rx="2" class="track" />
        <rect width={share(done)} height="4" rx="2" class="done" />
        <rect x={share(done)} width={share(failed)} height="4" class="bad" />
      </svg>
    </span>
  )
}
