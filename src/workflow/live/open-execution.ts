import { errorOf, type Problem, TerminalError } from '../../errors.ts'
import type { Json } from '../../kernel/json.ts'
import type { StartPart } from '../../run/run.ts'
import { collectStepParts } from '../../step/messages/step-parts.ts'
import { type EndedStep, hasEnded, type StepPart, type StepValue } from '../../step/record/outcome.ts'
import { readRef, type ValueRef } from '../../step/values.ts'
import type { Workflow } from '../definition/workflow-value.ts'
import { WorkflowExecution } from '../replay/execution.ts'
import { iterationOf, type RecordedTurn, readTurns, type TurnRecord } from '../replay/history.ts'
import type { LoopTurn, NumberedTurn, Outcome } from '../replay/operation.ts'
import type { LiveRun } from './live-runs.ts'
import { makeContext, type WorkflowNews } from './make-context.ts'
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

/** A run with its history, in memory. */
export type RecordedRun = {
  readonly id: string
  readonly startedAt: number
  /** the seed of its random numbers */
  readonly seed: string
  /** of its addresses; absent: it has none */
  readonly nonce?: string
  readonly input: Json
  readonly turns: readonly TurnRecord[]
  /** the outcomes of the operations that ended, by their numbers */
  readonly outcomes: ReadonlyMap<number, Outcome>
}

type Doing = Pick<WorkflowServices, 'order' | 'startRun' | 'say' | 'lookAgain' | 'addressOf'>

/** A replay carries out no operation. */
const NOTHING: Doing = {
  order: forbidden,
  startRun: forbidden,
  say: forbidden,
  lookAgain: () => {},
  addressOf: () => 'https://replay.invalid/',
}

function forbidden(): never {
  throw new TypeError('a replay has no effects')
}

/** Calls the function of a run, and replays its history: it waits where it waited. Nothing has an effect. */
export async function replayRun(
  workflow: Workflow,
  { id, startedAt, seed, nonce, input, turns, outcomes }: RecordedRun,
  doing: Doing = NOTHING,
): Promise<LiveRun> {
  const { name, version } = workflow
  const { order, startRun, say, lookAgain } = doing
  const news: WorkflowNews[] = []
  const execution = new WorkflowExecution(name, () => lookAgain(id), { run: id, version })
  const tell = (event: WorkflowNews) => void news.push(event)
  const addressOf = (step: string) => doing.addressOf(id, step, nonce)
  const of = { id, seed, workflow: name, version, startedAt, order, startRun, say, addressOf, tell }
  const context = makeContext(execution, of)
  const run = () => workflow.run(context, structuredClone(input))
  if (turns.length === 0) {
    execution.now = startedAt
    await execution.begin(run)
  } else
    await execution.replay(turns, run, (number, problem) =>
      problem ? { number, error: errorOf(problem) } : (outcomes.get(number) ?? { number, value: undefined }),
    )
  const recorded = turns.reduce((sum, { operations }) => sum + operations.length, 0)
  return { execution, seen: { turns: turns.length, iteration: iterationOf(turns) }, recorded, news }
}
