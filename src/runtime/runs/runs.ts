import { randomUUID } from 'node:crypto'
import type { Engine } from '../../engine/engine.ts'
import { idTakenError } from '../../engine/envelope.ts'
import { InvalidError, NotFoundError } from '../../errors.ts'
import { nameOf } from '../../kernel/ref.ts'
import { parseNow } from '../../kernel/schema.ts'
import { LOCAL_OWNER, ownerField, ownerOf } from '../../lib/owner.ts'
import { checkInputs, grantedPaths } from '../../pipeline/language/parse/inputs/given-inputs.ts'
import {
  type CallsStart,
  callsStartSchema,
  type RunOrigin,
  type RunStart,
  runOriginSchema,
} from '../../pipeline/plan/messages/run-start.ts'
import { runRef } from '../../pipeline/plan/refs.ts'
import { isFinished, type RunState } from '../../pipeline/plan/run-state.ts'
import { readRun } from '../../pipeline/report/read-run.ts'
import { readStep } from '../../pipeline/report/read-step.ts'
import { runStartMessage } from '../../pipeline/run/start-message.ts'
import type { PipelineServices } from '../../pipeline/step/context.ts'
import type { Blobs } from '../../store/blobs/blobs.ts'
import type { Begin } from '../../work/budget/messages.ts'
import { amountOf } from '../../work/budget/money.ts'
import { budgetRef, scopeOf } from '../../work/budget/scope.ts'
import { type FollowedWork, followToEnd, hasEnded } from '../../work/follow.ts'
import type { Activity } from '../activity/activity.ts'
import type { Admit } from '../activity/admission.ts'
import { rejectChildId } from '../activity/child-ids.ts'
import { runtimeSignals } from '../inbox/signals.ts'
import { isWaiting } from '../inspect/quiescence.ts'
import { noRun } from '../inspect/run-errors.ts'
import type { Compiler } from '../pipelines/compiler.ts'
import type { RunRequest, RunsPort } from '../ports/runs.ts'
import type { ServingPort } from '../ports/serving.ts'
import type { ThreadActors } from '../threads/threads.ts'
import type { Forks, Planned } from './fork.ts'
import { listRuns } from './list.ts'
import { createGoingOn, type GoingOn, hasBegun } from './track.ts'

type Parts = {
  readonly engine: Engine
  readonly values: Blobs
  readonly compiler: Compiler
  readonly forks: Forks
  readonly activity: Activity
  readonly threads: ThreadActors
  readonly admit: Admit
  readonly steps: PipelineServices
  followGoal(goal: string): void
  goOnGoal(goal: string): Promise<void>
}
/** The runs of a runtime, with operations for its other ports and its server. */
export type OpenRuns = {
  readonly port: Omit<RunsPort, 'artifact'>
  readonly serving: Pick<ServingPort, 'ownerOfRun' | 'runEnded'>
  /** How the runs of goals go on. */
  readonly goingOn: Pick<GoingOn, 'goOn' | 'goOnAboveGoal' | 'untilRest'> & Pick<RunsPort, 'settle'>
  /** Starts a run of calls. */
  startCalls(start: CallsStart, request: Beginning): Promise<{ readonly id: string }>
}

/** The id of a new run, its owner, and its budget. */
type Beginning = Pick<RunRequest, 'id' | 'owner' | 'budget'>

/** The runs of a runtime. */
export function runtimeRuns(parts: Parts): OpenRuns {
  const { engine, values, compiler, forks, activity, threads, admit, steps, followGoal, goOnGoal } = parts
  const stateOf = async (id: string) => (await engine.view.peek(runRef(id))) as RunState | undefined

  const followed = (id: string): FollowedWork => ({
    of: runRef(id),
    last: 'run-end',
    async isOver() {
      const state = await stateOf(id)
      return state !== undefined && isFinished(state)
    },
  })

  const runEvents: RunsPort['events'] = (id, from) => followToEnd(engine.view, followed(id), from)

  const work = createGoingOn({ engine, activity, threads, runEvents, followGoal, goOnGoal })
  const { follow, isFollowed, goOn, goOnAbove, goOnAboveGoal, untilRest } = work

  /** The run may have been acknowledged a moment ago, even by another node, so this waits until it begins. */
  async function isThere(id: string): Promise<boolean> {
    if ((await stateOf(id)) !== undefined) return true
    if (isFollowed(id)) for await (const _ of runEvents(id)) return true
    return hasBegun(engine.view, runRef(id))
  }

  const isBegun = async (id: string) => (isFollowed(id) ? isThere(id) : (await stateOf(id)) !== undefined)

  const beginPlanned = ({ pipeline, inputs, origin }: Planned, request: Beginning) =>
    begin(() => runStartMessage(values, pipeline, inputs, origin), request)

  /** Sends the first message of a run. The same id starts one run. */
  async function begin(
    firstMessage: () => Promise<RunStart | CallsStart>,
    { id: given, owner = LOCAL_OWNER, budget }: Beginning,
  ): Promise<{ id: string }> {
    const id = given ?? `run_${randomUUID()}`
    if (given !== undefined && (await stateOf(given))) return goOnWith(given, owner)
    await admit()
    const start = await firstMessage()
    // the caller gets the error of a wrong value: the message itself would only become a dead letter
    parseNow<unknown>(start.type === 'calls' ? callsStartSchema : runOriginSchema, start, 'options')
    if (budget === undefined) await engine.tell(runRef(id), start, { id, correlationId: id })
    else await beginPaid(id, { type: 'begin', limit: amountOf(budget), owner, message: start })
    if (given !== undefined && budget !== undefined) await isThere(id)
    if (given !== undefined) await checkKept(id, owner)
    await goOn(id)
    return { id }
  }

  /** Resumes a run that an earlier process left. Its budget may have been raised in the meantime. */
  async function goOnWith(id: string, owner: string): Promise<{ id: string }> {
    await engine.start({ only: id })
    await checkKept(id, owner)
    await goOn(id)
    return { id }
  }

  /**
   * The budget sends the first message of a run in the commit that sets the limit: the first
   * request with an id gets both, a later one gets neither.
   */
  async function beginPaid(id: string, first: Begin): Promise<void> {
    if (await isAskedFor(id)) await engine.start({ only: id })
    await engine.ask(budgetRef(scopeOf('run', id)), first, { id, correlationId: id })
  }

  /** Whether a run with a budget was to begin under an id. */
  async function isAskedFor(id: string): Promise<boolean> {
    const asked = await engine.view.asked(id)
    return asked !== undefined && nameOf(asked) === nameOf(budgetRef(scopeOf('run', id)))
  }

  /** Runs of other owners are not revealed, but their ids cannot be reused. */
  async function checkFree({ id, owner = LOCAL_OWNER }: Pick<RunRequest, 'id' | 'owner'>) {
    if (id === undefined) return
    const state = await stateOf(id)
    const isGiven = state !== undefined || (await engine.view.asked(id)) !== undefined
    const isTaken = state ? ownerOf(state) !== owner : isGiven && !(await isAskedFor(id))
    if (isTaken) throw idTakenError(`the id ${id} is taken`)
    if (!isGiven) await rejectChildId(engine.view, id)
  }

  /** The id of a removed run is still remembered: it starts no new run, and no event would ever come. */
  async function checkKept(id: string, owner: string): Promise<void> {
    const [found] = await engine.view.inspect(runRef(id))
    if (!found) throw idTakenError(`the run ${id} has ended and is no longer kept`)
    if (found.cell?.index && ownerOf(found.cell.index) !== owner) throw idTakenError(`the id ${id} is taken`)
  }

  async function takeBack(id: string, reason: string): Promise<void> {
    const asked = `${id}/undo/${randomUUID()}`
    await engine.ask(runRef(id), { type: 'undo-run', reason }, { id: asked, correlationId: id })
    follow(id)
  }

  const port: OpenRuns['port'] = {
    ...runtimeSignals({ engine, values, isThere, goOn }),
    async start(request) {
      const { inputs: given = {}, id, interactive, owner, priority, trusted = true } = request
      await checkFree(request)
      // a run that has begun no longer needs its pipeline, which may be gone or changed by now
      if (id !== undefined && (await isBegun(id))) return goOnWith(id, owner ?? LOCAL_OWNER)
      const { pipeline, from, warnings } = await compiler.compile(request, request)
      const inputs = checkInputs(pipeline, given)
      const origin: RunOrigin = {
        ...from,
        ...(trusted ? { granted: grantedPaths(pipeline, given) } : { untrusted: true as const }),
        ...ownerField(owner),
        ...(interactive && { interactive: true }),
        ...(priority && { priority }),
        ...(await forks.recordedFor({ pipeline, inputs }, request)),
      }
      const begun = await beginPlanned({ pipeline, inputs, origin }, request)
      return warnings.length === 0 ? begun : { ...begun, warnings }
    },
    async fork(run, request = {}) {
      await checkFree(request)
      return beginPlanned(await forks.planFork(run, request), request)
    },
    list: (query = {}) => listRuns(engine.view, query),
    async get(id) {
      if (!(await isThere(id))) throw await noRun(id, engine.view)
      const run = await readRun(engine.view, values, id)
      return run.status === 'running' && (await isWaiting(engine.view, id)) ? { ...run, status: 'waiting' } : run
    },
    async step(run, id) {
      if (!(await isThere(run))) throw await noRun(run, engine.view)
      return readStep(engine.view, steps, run, id)
    },
    async whole(run, id, field) {
      const { whole = [] } = await port.step(run, id)
      const stored = whole.find((one) => one.field === field)
      if (!stored)
        throw new NotFoundError(`field ${field} of step ${id} in run ${run} is not kept whole`, {
          hint: `fields that are kept whole: ${whole.map((one) => one.field).join(', ') || 'nothing'}`,
        })
      return { text: (await values.get(stored.blob)) as string }
    },
    events: runEvents,
    async resume(id) {
      const taken = await engine.start({ only: id })
      // a run that was acknowledged right before a crash is a start message and no state yet
      const isTaken = taken > 0 && (await engine.view.asked(id))?.kind !== 'chain'
      const isKnown = isTaken || isFollowed(id) || (await isThere(id))
      if (!isKnown) throw await noRun(id, engine.view)
      await goOn(id)
    },
    async cancel(id, reason, { undo = false } = {}) {
      const state = await stateOf(id)
      if (!state && !isFollowed(id)) throw await noRun(id, engine.view)
      if (undo && state && isFinished(state)) throw tooLate(id, state)
      if (undo) await takeBack(id, reason)
      else await engine.cancel(runRef(id), id, reason)
      await goOnAbove(id)
    },
  }
  const serving: OpenRuns['serving'] = {
    async ownerOfRun(id) {
      const state = (await isThere(id)) ? await stateOf(id) : undefined
      return state && ownerOf(state)
    },
    runEnded: (id, after) => hasEnded(engine.view, followed(id), after),
  }

  return {
    port,
    serving,
    goingOn: { goOn, goOnAboveGoal, untilRest, settle: port.settle },
    async startCalls(start, request) {
      await checkFree(request)
      return begin(async () => start, request)
    },
  }
}

function tooLate(id: string, { status }: RunState): InvalidError {
  return new InvalidError(`the run ${id} is over: it is ${status}`, {
    code: 'run_over',
    hint: 'a run can be undone only before it ends',
  })
}
