import { randomUUID } from 'node:crypto'
import type { Engine } from '../../engine/engine.ts'
import { InvalidError, NotFoundError } from '../../errors.ts'
import { LOCAL_OWNER, ownerField, ownerOf } from '../../lib/owner.ts'
import { checkInputs, grantedPaths } from '../../pipeline/language/parse/inputs/given-inputs.ts'
import type { CallsStart, RunOrigin } from '../../pipeline/plan/messages/run-start.ts'
import { runRef } from '../../pipeline/plan/refs.ts'
import { isFinished, type RunState } from '../../pipeline/plan/run-state.ts'
import { readRun } from '../../pipeline/report/read-run.ts'
import { readStep } from '../../pipeline/report/read-step.ts'
import { runStartMessage } from '../../pipeline/run/start-message.ts'
import type { PipelineServices } from '../../pipeline/step/context.ts'
import type { Blobs } from '../../store/blobs/blobs.ts'
import type { ThreadActors } from '../../thread/room/follow-threads.ts'
import { storeContext } from '../../tool/agents/call-for.ts'
import type { Activity } from '../../work/activity.ts'
import type { Admit } from '../../work/admission.ts'
import { type FollowedWork, followToEnd, hasEnded } from '../../work/follow.ts'
import { runtimeSignals } from '../inbox/signals.ts'
import { isWaiting } from '../inspect/quiescence.ts'
import { noRun } from '../inspect/run-errors.ts'
import type { Compiler } from '../pipelines/compiler.ts'
import type { RunsPort } from '../ports/runs.ts'
import type { ServingPort } from '../ports/serving.ts'
import { type Beginning, checkFree, createBeginning, runStateOf } from './begin.ts'
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

/** The runs of a runtime. */
export function runtimeRuns(parts: Parts): OpenRuns {
  const { engine, values, compiler, forks, activity, threads, admit, steps, followGoal, goOnGoal } = parts
  const stateOf = (id: string) => runStateOf(engine.view, id)

  const followed = (id: string): FollowedWork => ({
    of: runRef(id),
    last: 'run-end',
    async isOver() {
      const state = await stateOf(id)
      return state !== undefined && isFinished(state)
    },
  })

  const runEvents: RunsPort['events'] = (id, from) =>
    followToEnd(engine.view, followed(id), from) as ReturnType<RunsPort['events']>

  const work = createGoingOn({ engine, activity, threads, runEvents, followGoal, goOnGoal })
  const { follow, isFollowed, goOn, goOnAbove, goOnAboveGoal, untilRest } = work

  /** The run may have been acknowledged a moment ago, even by another node, so this waits until it begins. */
  async function isThere(id: string): Promise<boolean> {
    if ((await stateOf(id)) !== undefined) return true
    if (isFollowed(id)) for await (const _ of runEvents(id)) return true
    return hasBegun(engine.view, runRef(id))
  }

  const { begin, goOnWith } = createBeginning({ engine, admit, isThere, goOn })
  const isBegun = async (id: string) => (isFollowed(id) ? isThere(id) : (await stateOf(id)) !== undefined)

  const beginPlanned = ({ pipeline, inputs, origin }: Planned, request: Beginning) =>
    begin(() => runStartMessage(values, pipeline, inputs, origin), request)

  async function takeBack(id: string, reason: string): Promise<void> {
    const asked = `${id}/undo/${randomUUID()}`
    await engine.ask(runRef(id), { type: 'undo-run', reason }, { id: asked, correlationId: id })
    follow(id)
  }

  const port: OpenRuns['port'] = {
    ...runtimeSignals({ engine, values, isThere, goOn }),
    async start(request) {
      const { inputs: given = {}, id, interactive, owner, priority, trusted = true } = request
      await checkFree(engine.view, request)
      // a run that has begun no longer needs its pipeline, which may be gone or changed by now
      if (id !== undefined && (await isBegun(id))) return goOnWith(id, owner ?? LOCAL_OWNER)
      const { pipeline, from, warnings } = await compiler.compile(request, request)
      const inputs = checkInputs(pipeline, given)
      const context = await storeContext(values, request.context)
      const origin: RunOrigin = {
        ...from,
        ...context,
        ...(trusted
          ? { granted: grantedPaths(pipeline, given) }
          : { untrusted: true as const, foreign: from.foreign ?? false }),
        ...ownerField(owner),
        ...(interactive && { interactive: true }),
        ...(priority && { priority }),
        ...(request.agents && { agents: request.agents }),
        ...(await forks.recordedFor({ pipeline, inputs, ...context }, request)),
      }
      const begun = await beginPlanned({ pipeline, inputs, origin }, request)
      return warnings.length === 0 ? begun : { ...begun, warnings }
    },
    async fork(run, request = {}) {
      await checkFree(engine.view, request)
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
        throw new NotFoundError(`Field ${field} of step ${id} in run ${run} is not kept whole.`, {
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
      await checkFree(engine.view, request)
      return begin(async () => start, request)
    },
  }
}

function tooLate(id: string, { status }: RunState): InvalidError {
  return new InvalidError(`The run ${id} is over: it is ${status}.`, {
    code: 'run_over',
    hint: 'a run can be undone only before it ends',
  })
}
