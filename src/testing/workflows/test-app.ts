import { AssertionError } from 'node:assert'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { allActors } from '../../engine/liveness.ts'
import { InvalidError, unlessMissing } from '../../errors.ts'
import { runRef } from '../../house/actors.ts'
import type { WorkflowRun, WorkflowRunOptions } from '../../http/client/workflow-run.ts'
import { isStep, type StepItem } from '../../inbox/room/port.ts'
import type { Json } from '../../kernel/json.ts'
import { nameOf } from '../../kernel/ref.ts'
import { LOCAL_OWNER } from '../../lib/owner.ts'
import type { RuntimeParts } from '../../runtime/open/parts.ts'
import type { Runtime, ServedRuntime } from '../../runtime/ports.ts'
import type { WorkflowStepCall } from '../../workflow/definition/context.ts'
import { type Duration, msOf } from '../../workflow/definition/duration.ts'
import type { Workflow } from '../../workflow/definition/workflow-value.ts'
import { type SimulatedClock, simulatedClock } from '../clock.ts'
import { until } from '../until.ts'
import { type Replays, watchReplays } from './replays.ts'
import { type WaitAddresses, withSteps } from './with-steps.ts'

/** The acts and answers of a test, in the place of the world. */
export type TestScript = {
  /**
   * acts in the place of steps, calls and `generate` of these names, and gets the call of the step. `NAME.undo` acts in
   * the place of an undo; without it, the undo of a step in this list is skipped.
   */
  readonly steps?: { readonly [name: string]: (call: WorkflowStepCall) => unknown }
  /** the values of signals and approvals, by name; a function may answer by the question, or not at all */
  readonly signals?: { readonly [name: string]: Json | ((item: StepItem) => Json | undefined) }
  /** the public address of the server, below which `ctx.signal(name, { url: true })` makes addresses */
  readonly publicUrl?: string
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
  /** Sends JSON to an address of `ctx.signal(name, { url: true })`, as a machine would. */
  deliver(address: string, body: Json): Promise<DeliveryReceipt>
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
  // by the clock of the machine, an ended run would be old; and no test waits for a collection
  const retentionClock = { ...clock, after: () => () => {} }
  const remove = () => rm(folder, { recursive: true, force: true, maxRetries: 5 })
  try {
    const [{ loadConfig }, { DEFAULT_SERVE }, { createRuntime }, { startWorkflow }] = await load()
    const replays = watchReplays()
    const addresses: WaitAddresses = new Map()
    const workflows = withSteps(program.workflows ?? [], script.steps ?? {}, addresses)
    const config = await loadConfig({ folder, environment: {} })
    const { publicUrl } = script
    const served = publicUrl === undefined ? {} : { serve: { ...DEFAULT_SERVE, publicUrl } }
    const runtime = await createRuntime(
      { ...config, ...served, embedder: 'none', durability: 'process' },
      { notice: () => {}, ...program, workflows, clock, retentionClock, watchWorkflows: replays.watch },
    )
    const app = { runtime, clock, replays, script, addresses }
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
      deliver: (address, body) => deliver(runtime, address, body),
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

async function deliver({ hooks }: ServedRuntime, address: string, body: Json): Promise<DeliveryReceipt> {
  return hooks.signal(partsOf(address), async () => Buffer.from(JSON.stringify(body)))
}

/** The route ends with `/v1/signals/RUN/STEP/TOKEN`, below any prefix. */
function partsOf(address: string): SignalAddress {
  const path = /\/v1\/signals\/([^/]+)\/([^/]+)\/([^/]+)$/.exec(address.slice(0, MAX_ADDRESS))
  const [run, step, token] = (path ?? []).slice(1).map(decodeURIComponent)
  if (run === undefined || step === undefined || token === undefined)
    throw new InvalidError('Expected the address of a wait, as `ctx.signal(name, { url: true }).url` has it.')
  return { run, step, token }
}

const MAX_ADDRESS = 4096

/** Tests load the runtime when they open a program. */
const load = () =>
  Promise.all([
    import('../../config/config.ts'),
    import('../../config/serve.ts'),
    import('../../runtime/open/create-runtime.ts'),
    import('../../http/client/workflow-run.ts'),
  ])

type DeliveryReceipt = Awaited<ReturnType<Runtime['hooks']['signal']>>
type SignalAddress = Parameters<Runtime['hooks']['signal']>[0]

type OpenApp = {
  readonly runtime: ServedRuntime
  readonly clock: SimulatedClock
  readonly replays: Replays
  readonly script: TestScript
  readonly addresses: WaitAddresses
}

/** Answers questions and lets time pass until a run has ended, and replays it once more. */
async function playToEnd(app: OpenApp, id: string): Promise<void> {
  const { runtime, clock, replays } = app
  // a start is accepted before its run takes its first turn
  await until(() => runtime.runs.get(id).catch(unlessMissing))
  for (let jumps = 0; ; jumps++) {
    await atRest(runtime, clock)
    const run = await runtime.runs.get(id)
    if (run.completed_at !== null) break
    if (await answerOne(app)) continue
    const next = await nextTimer(runtime)
    if (next === undefined || (await isStopped(runtime, id))) throw stuck(id, await sayWhyOf(runtime, id))
    if (jumps === MAX_JUMPS) throw stuck(id, `its clock has jumped ${MAX_JUMPS} times`)
    await clock.advance(Math.max(0, next - clock.now()))
  }
  await replays.check(id)
}

/** Timers of one run after which it counts as endless. */
const MAX_JUMPS = 10_000

async function answerOne({ runtime, script: { signals = {} }, addresses }: OpenApp): Promise<boolean> {
  const valueFor = (name: string, item: StepItem) => {
    const given = Object.hasOwn(signals, name) ? signals[name] : undefined
    return typeof given === 'function' ? given(item) : given
  }
  for (const item of (await runtime.inbox.list({ content: 'whole' })).filter(isStep)) {
    const value = item.url ? undefined : valueFor(item.signal, item)
    if (value === undefined) continue
    if ((await runtime.runs.signal(item.run, item.signal, value)).status === 'taken') return true
  }
  for (const [address, name] of addresses) {
    const item = await itemAt(runtime, address, name)
    const value = item && valueFor(name, item)
    if (value === undefined) continue
    await deliver(runtime, address, value)
    return true
  }
  return false
}

/** A wait for a machine, in the form of a question; undefined: it does not wait. */
async function itemAt({ runs, serving }: ServedRuntime, address: string, name: string): Promise<StepItem | undefined> {
  const { run, step } = partsOf(address)
  const [{ steps }, owner = LOCAL_OWNER] = [await runs.get(run), await serving.ownerOfRun(run)]
  if (steps[step]?.status !== 'waiting') return undefined
  const [title, expects] = [`waits for the signal ${name}`, { type: 'any' as const }]
  return { run, owner, step, signal: step, since: 0, kind: 'signal', title, url: true, expects }
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

type Looked = Pick<ServedRuntime, 'engine'>

/** Resolves when no actor works, or has mail that is due: all that is left waits for time, or for a person. */
async function atRest({ engine }: Looked, clock: SimulatedClock): Promise<void> {
  let quiet = 0
  await until(async () => {
    quiet = (await isAtWork({ engine }, clock.now())) ? 0 : quiet + 1
    return quiet === QUIET
  })
}

/** A message may be on its way between two actors, so one look is not enough. */
const QUIET = 2

async function isAtWork({ engine }: Looked, now: number): Promise<boolean> {
  for await (const { turn, mail } of allActors(engine.view)) {
    // an effect that waits for its next attempt does nothing
    if (turn && turn.effect?.until === undefined) return true
    if (mail.some(({ due = 0, held }) => due <= now && !held)) return true
  }
  return false
}

/** When the next timer or the next attempt of an actor is due; undefined: nothing waits for time. */
async function nextTimer({ engine }: Looked): Promise<number | undefined> {
  const times: number[] = []
  for await (const { turn, mail } of allActors(engine.view))
    for (const time of [turn?.effect?.until, ...mail.map(({ due }) => due)]) if (time !== undefined) times.push(time)
  return times.length === 0 ? undefined : Math.min(...times)
}
