import { AssertionError, deepStrictEqual } from 'node:assert'
import { problemOf } from '../../errors.ts'
import type { Json } from '../../kernel/json.ts'
import { findRunStart } from '../../run/run.ts'
import type { LiveRun } from '../../workflow/live/live-runs.ts'
import { openExecution } from '../../workflow/live/open-execution.ts'
import type { WorkflowServices } from '../../workflow/live/services.ts'
import { toJson } from '../../workflow/operations/stored-value.ts'
import { peekWorkflow } from '../../workflow/replay/state.ts'

/** Replays the runs of a test. */
export interface Replays {
  watch(services: WorkflowServices): WorkflowServices
  /**
   * Replays an ended run from its start.
   * @throws AssertionError if it ends in another way than it did
   */
  check(run: string): Promise<void>
}

/** A runtime whose workflows keep no function in memory: each turn replays all turns before it. */
export function watchReplays(): Replays {
  let services: WorkflowServices | undefined
  const ended = new Map<string, Ending>()
  const held = new Map<string, LiveRun>()
  return {
    watch(given) {
      services = {
        ...given,
        live: {
          take: () => undefined,
          peek: (run) => held.get(run),
          hold: (run, live) => void (live ? held.set(run, live) : held.delete(run)),
          put(run, { execution }) {
            if (execution.end.type === 'done' || execution.end.type === 'failed') ended.set(run, execution.end)
          },
          drop: () => {},
        },
      }
      return services
    },
    async check(run) {
      const first = ended.get(run)
      const again = first && services && (await replay(services, run))
      if (!again) return
      try {
        deepStrictEqual(shown(again), shown(first))
      } catch (error) {
        throw new AssertionError({
          message: `The run ${run} ends in another way when it is replayed. ${REMEDY}\n${problemOf(error).message}`,
          operator: 'testApp',
        })
      }
    },
  }
}

const REMEDY = 'Read times and random values from ctx, and all else in a step.'

type Ending = { readonly type: string; readonly value?: unknown; readonly error?: unknown }

async function replay(services: WorkflowServices, id: string): Promise<Ending | undefined> {
  const { workflow, startedAt } = (await peekWorkflow(services, id))!
  const code = services.workflows.find(workflow.of, workflow.version)
  if (!code) return undefined
  const start = (await findRunStart(id, services.readParts))!
  const { execution } = await openExecution(services, code, { id, startedAt, start, turns: workflow.turns })
  return execution.end
}

function shown({ type, value, error }: Ending): Json {
  if (type === 'done') return { result: toJson(value) }
  return type === 'failed' ? { error: problemOf(error).message } : { type }
}
