import { errorOf, problemOf } from '../../errors.ts'
import type { RecordedRun } from '../live/open-execution.ts'
import type { TurnRecord } from '../replay/history.ts'
import type { Outcome } from '../replay/operation.ts'
import type { RunHistory } from './run-history.ts'

export type RunOf = { readonly workflow: string; readonly version: number }

export function historyOf(of: RunOf, { id, nonce: _, outcomes, ...recorded }: RecordedRun): RunHistory {
  const ended = [...outcomes.values()].map((one) =>
    'error' in one
      ? { number: one.number, problem: problemOf(one.error) }
      : { number: one.number, ...(one.value !== undefined && { value: one.value }) },
  )
  return { run: id, ...of, ...recorded, outcomes: ended } as RunHistory
}

export function runOfHistory({ run, startedAt, seed, input, turns, outcomes }: RunHistory): RecordedRun {
  const ended = outcomes.map(({ number, value, problem: failure }): [number, Outcome] => [
    number,
    failure ? { number, error: errorOf(failure as never) } : { number, value },
  ])
  return { id: run, startedAt, seed, input, turns: turns as TurnRecord[], outcomes: new Map(ended) }
}
