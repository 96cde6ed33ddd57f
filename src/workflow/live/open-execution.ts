import { errorOf, type Problem, TerminalError } from '../../errors.ts'
import type { Json } from '../../kernel/json.ts'
import type { StartPart } from '../../run/start.ts'
import { collectStepParts } from '../../step/messages/step-parts.ts'
import { type EndedStep, hasEnded, type StepPart, type StepValue } from '../../step/record/outcome.ts'
import { readRef, type ValueRef } from '../../step/values.ts'
import type { Workflow } from '../definition/workflow-value.ts'
import { type RecordedTurn, readTurns, type TurnRecord } from '../replay/history.ts'
import type { LoopTurn, NumberedTurn, Outcome } from '../replay/operation.ts'
import type { LiveRun } from './live-runs.ts'
import { type RecordedRun, replayRun } from './replay-run.ts'
import type { WorkflowServices } from './services.ts'

type OpenedRun = {
  readonly id: string
  readonly startedAt: number
  readonly start: StartPart
  readonly turns: number
}

/** Calls the function of a run, and replays its history: it waits where it waited. */
export async function openExecution(services: WorkflowServices, workflow: Workflow, run: OpenedRun): Promise<LiveRun> {
  return replayRun(workflow, await recordedRun(services, run), services)
}

/** Reads a run with its history. */
export async function recordedRun(
  services: Pick<WorkflowServices, 'readParts' | 'values'>,
  { id, startedAt, start, turns }: OpenedRun,
): Promise<RecordedRun> {
  const { readParts, values } = services
  const records = await readTurns(readParts, id, turns)
  const outcomes = await outcomesOf(records, await collectStepParts(readParts, id), values)
  const input = await readRef(values, start.inputs)
  const { nonce, seed = id } = start
  return { id, startedAt, seed, ...(nonce !== undefined && { nonce }), input, turns: records, outcomes }
}

/** The outcomes of all operations that ended, by their numbers. */
export async function outcomesOf(
  turns: readonly TurnRecord[],
  parts: ReadonlyMap<string, StepPart>,
  values: WorkflowServices['values'],
): Promise<ReadonlyMap<number, Outcome>> {
  const operations = turns.flatMap((record) => record.operations)
  const ended = turns.flatMap((record) => record.outcomes).filter((one) => typeof one === 'number')
  const outcomes = new Map<number, Outcome>()
  for (const { turn } of turns) if (turn) outcomes.set(turn.loop, await outcomeOfTurn(turn, values))
  for (const number of ended) {
    const [type, id] = operations[number]!
    const part = parts.get(id)
    if (type === 'sleep') outcomes.set(number, { number, value: undefined })
    else if (part && hasEnded(part)) outcomes.set(number, await outcomeOf(number, part, values))
  }
  return outcomes
}

/** A turn of a loop as its function gets it. */
export async function outcomeOfTurn(
  { loop, iteration, turn: ref }: RecordedTurn,
  values: WorkflowServices['values'],
): Promise<Outcome> {
  const turn = structuredClone(await readRef(values, ref)) as LoopTurn
  return { number: loop, value: { loop, iteration, turn } satisfies NumberedTurn }
}

/** The outcome of a step as its function gets it: a value of its own, or an error that is built again. */
export async function outcomeOf(
  number: number,
  end: Pick<EndedStep, 'status'> & { readonly result?: ValueRef; readonly problem?: Problem; readonly reason?: string },
  values: WorkflowServices['values'],
): Promise<Outcome> {
  if (end.status === 'completed') {
    const { result } = (await readRef(values, end.result!)) as Json & StepValue
    return { number, value: structuredClone(result) }
  }
  if (end.status === 'failed') return { number, error: errorOf(end.problem!) }
  const message = `The step was not done: ${end.reason ?? 'it was skipped'}.`
  return { number, error: new TerminalError(message, { code: 'not_approved' }) }
}
