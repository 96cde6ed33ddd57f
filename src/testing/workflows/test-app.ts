import { AssertionError } from 'node:assert'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { runRef } from '../../house/actors.ts'
import type { WorkflowRun, WorkflowRunOptions } from '../../http/client/workflow-run.ts'
import { isStep, type StepItem } from '../../inbox/room/port.ts'
import { nameOf } from '../../kernel/ref.ts'
import type { Json } from '../../kernel/schema.ts'
import type { RuntimeParts } from '../../runtime/open/parts.ts'
import type { Runtime, ServedRuntime } from '../../runtime/ports.ts'
import type { WorkflowStepCall } from '../../workflow/definition/context.ts'
import { type Duration, msOf } from '../../workflow/definition/duration.ts'
import type { Workflow } from '../../workflow/definition/workflow-value.ts'
import { type SimulatedClock, simulatedClock } from '../clock.ts'
import { type Replays, watchReplays } from './replays.ts'
import { atRest, nextTimer } from './rest.ts'
import { withSteps } from './with-steps.ts'

/** The acts and answers of a test, in the place of the world. */
export type TestScript = {
  /** acts in the place of steps, calls and `generate` of these names, and gets the call of the step */
  readonly steps?: { readonly [name: string]: (call: WorkflowStepCall) => unknown }
  /** the values of signals and approvals, by name; a function may answer by the question, or not at all */
  readonly signals?: { readonly [name: string]: Json | ((item: StepItem) => Json | undefined) }
  /** when the test begins; absent: at the beginning of 2026 */
  readonly now?: Date
}

/** A program in a test. Its clock stands still, and jumps to the next timer when all work rests. */
export interface TestApp extends AsyncDisposable {
  /** Starts a run of a workflow. `result()` answers its questions by the script, and lets time pass. */
  start<Input, Output>(
    workflow: Workflow<string, Input, Output>,
    input: NoInfer<Input>,
    options?: WorkflowRunOptions,
  ): Promise<WorkflowRun<Output>>
  /** The time of the test. */
  now(): Date
  /** Waits until all work rests, and lets that much time pass. */
  advance(time: Duration): Promise<void>
  readonly runtime: Runtime
  stop(): Promise<void>
}

/**
 * Opens a program for a test, in a temporary folder. Each turn of a workflow is replayed from its start, so code that
 * cannot be replayed fails its test: what it did differently is the error of `result()`.
 * @throws InvalidError if a part of the program is wrong
 */
export async function testApp(program: RuntimeParts, script: TestScript = {}): Promise<TestApp> {
  const folder = await mkdtemp(join(tmpdir(), 'antiphon-test-'))
  const clock = simulatedClock((script.now ?? new Date('2026-01-01T00:00:00Z')).getTime())
  const remove = () => rm(folder, { recursive: true, force: true, maxRetries: 5 })
  try {
    const [{ loadConfig }, { createRuntime }, { startWorkflow }] = await load()
    const replays = watchReplays()
    const workflows = withSteps(program.workflows ?? [], script.steps ?? {})
    const config = await loadConfig({ folder, environment: {} })
    const runtime = await createRuntime(
      { ...config, embedder: 'none', durability: 'process' },
      { notice: () => {}, ...program, workflows, clock, watchWorkflows: replays.watch },
    )
    const app = { runtime, clock, replays, script }
    const stop = () => runtime.stop({ grace: 0 }).finally(remove)
    return {
      async start(workflow, input, { owner: _, ...options } = {}) {
        const run = await startWorkflow(runtime as never, workflow, input, options)
        return {
          ...run,
          async result(wait) {
            await playToEnd(app, run.id)
            return run.result(wait)
          },
        }
      },
      now: () => new Date(clock.now()),
      async advance(time) {
        await atRest(runtime, clock)
        await clock.advance(msOf(time, 'advance'))
        await atRest(runtime, clock)
      },
      runtime,
      stop,
      [Symbol.asyncDispose]: stop,
    }
  } catch (error) {
    await remove()
    throw error
  }
}

/** Tests load the runtime when they open a program. */
const load = () =>
  Promise.all([
    import('../../config/config.ts'),
    import('../../runtime/open/create-runtime.ts'),
    import('../../http/client/workflow-run.ts'),
  ])

type OpenApp = {
  readonly runtime: ServedRuntime
  readonly clock: SimulatedClock
  readonly replays: Replays
  readonly script: TestScript
}

/** Answers questions and lets time pass until a run has ended, and replays it once more. */
async function playToEnd({ runtime, clock, replays, script }: OpenApp, id: string): Promise<void> {
  for (let jumps = 0; ; jumps++) {
    await atRest(runtime, clock)
    const run = await runtime.runs.get(id)
    if (run.completed_at !== null) break
    if (await answerOne(runtime, script)) continue
    const next = await nextTimer(runtime)
    if (next === undefined || (await isStopped(runtime, id))) throw stuck(id, await sayWhyOf(runtime, id))
    if (jumps === MAX_JUMPS) throw stuck(id, `its clock has jumped ${MAX_JUMPS} times`)
    await clock.advance(Math.max(0, next - clock.now()))
  }
  await replays.check(id)
}

/** Timers of one run after which it counts as endless. */
const MAX_JUMPS = 10_000

async function answerOne({ inbox, runs }: Runtime, { signals = {} }: TestScript): Promise<boolean> {
  for (const item of (await inbox.list({ content: 'whole' })).filter(isStep)) {
    const given = Object.hasOwn(signals, item.signal) ? signals[item.signal] : undefined
    const value = typeof given === 'function' ? given(item) : given
    if (value === undefined) continue
    const { status } = await runs.signal(item.run, item.signal, value)
    if (status === 'taken') return true
  }
  return false
}

/** Whether the code of a run does not fit, so that no timer helps. */
const isStopped = async ({ inspector }: ServedRuntime, id: string) =>
  (await inspector.why(nameOf(runRef(id)))).holds.some(({ type }) => type === 'code')

async function sayWhyOf({ inspector }: ServedRuntime, id: string): Promise<string> {
  const { sayWhy } = await import('../../runtime/inspect/say-why.ts')
  return sayWhy(await inspector.why(nameOf(runRef(id))))?.says ?? 'no timer is set, and no question is open'
}

const stuck = (id: string, why: string) =>
  new AssertionError({
    message: `The run ${id} does not end: ${why}.\nAnswer a question by testApp(program, { signals: { NAME: value } }).`,
    operator: 'testApp',
  })
