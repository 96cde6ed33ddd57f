import { errorOf } from '../../errors.ts'
import type { Json } from '../../kernel/json.ts'
import type { Workflow } from '../definition/workflow-value.ts'
import { WorkflowExecution } from '../replay/execution.ts'
import { iterationOf, type TurnRecord } from '../replay/history.ts'
import type { Outcome } from '../replay/operation.ts'
import type { LiveRun } from './live-runs.ts'
import { makeContext, type WorkflowNews } from './make-context.ts'
import type { WorkflowServices } from './services.ts'

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
