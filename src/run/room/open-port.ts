import { randomUUID } from 'node:crypto'
import type { Clock } from '../../engine/engine.ts'
import { InvalidError, NotFoundError, unlessMissing } from '../../errors.ts'
import { KIND, runRef } from '../../house/actors.ts'
import { LOCAL_OWNER, ownerOf } from '../../lib/owner.ts'
import type { ValueStore } from '../../step/values.ts'
import { readFileBytes } from '../../tool/builtin/filesystem/read.ts'
import type { Admit } from '../../work/activity.ts'
import { type FollowedWork, followToEnd, hasBegun, hasEnded, readSoFar } from '../../work/follow.ts'
import { isBeforeBegin } from '../later/state.ts'
import { startTerms } from '../later/terms.ts'
import { writePage } from '../page/run-page.ts'
import { isFinished, peekRun, type RunHead } from '../run.ts'
import { type Beginning, checkFree, createBeginning, type RunFiles } from './begin.ts'
import { noRun } from './errors.ts'
import type { FirstRunMessage, RunReading } from './executor.ts'
import { createGoingOn, type GoingOn, type GoingOnParts } from './go-on.ts'
import { documentBefore } from './later.ts'
import { EndedRuns } from './list/ended-runs.ts'
import { countRuns, type ExplainRun, listRuns } from './list/list.ts'
import { RunTable } from './list/run-table.ts'
import { StepRows, workingSteps } from './list/step-rows.ts'
import { type MovingActors, WaitingRuns } from './list/waiting-runs.ts'
import type { RunsPort } from './port.ts'
import type { RunRest } from './rest.ts'
import { runtimeSignals } from './signals.ts'
import { contentOfFork, contentOfStart } from './start-ids.ts'

type Parts = Omit<GoingOnParts, 'runEvents' | 'untilResting'> & {
  readonly values: ValueStore
  readonly clock: Clock
  readonly executor: RunReading
  readonly rest: RunRest
  readonly admit: Admit
  /** the folder of relative paths */
  readonly root: string
  readonly files: RunFiles
  readonly explain: ExplainRun
  /** Whether a call is in the queue of a pool. */
  readonly isQueued: (call: string) => boolean
  /** the file of the table of runs, and what tells which actors have changed; absent: lists read the cells */
  readonly table?: Pick<ConstructorParameters<typeof RunTable>[0], 'path' | 'watch'> & { readonly moving: MovingActors }
}

/** The runs of a runtime, with operations for its other ports and its server. */
export type OpenRuns = {
  readonly port: RunsPort
  readonly serving: {
    /** The owner of a run; undefined when there is no such run. */
    ownerOfRun(run: string): Promise<string | undefined>
    /** Whether the run has ended and has no events after that number. */
    runEnded(id: string, after: number): Promise<boolean>
    /** Removes what lists keep beside the cells. */
    closeLists(): Promise<void>
  }
  /** How the runs of goals go on. */
  readonly goingOn: Pick<GoingOn, 'goOn' | 'goOnAboveGoal' | 'untilRest'> & Pick<RunsPort, 'settle'>
  /** Begins a run with a message of its executor. */
  begin(firstMessage: FirstRunMessage, request: Beginning): Promise<{ readonly id: string }>
}

export function openRuns(parts: Parts): OpenRuns {
  const { engine, clock, values, executor, rest, admit, root, files } = parts
  const stateOf = (id: string) => peekRun(engine.view, id)

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

  const work = createGoingOn({ ...parts, untilResting: rest.untilResting, runEvents })
  const { follow, isFollowed, goOn, goOnAbove, goOnAboveGoal, untilRest } = work

  /** The run may have been acknowledged a moment ago, even by another node, so this waits until it begins. */
  async function isThere(id: string): Promise<boolean> {
    if ((await stateOf(id)) !== undefined) return true
    if (isFollowed(id)) for await (const _ of runEvents(id)) return true
    return hasBegun(engine.view, runRef(id))
  }

  const { begin, goOnWith } = createBeginning({ engine, admit, isThere, goOn, files })
  const isBegun = async (id: string) => (isFollowed(id) ? isThere(id) : (await stateOf(id)) !== undefined)

  async function takeBack(id: string, reason: string): Promise<void> {
    const asked = `${id}/undo/${randomUUID()}`
    await engine.ask(runRef(id), { type: 'undo-run', reason }, { id: asked, correlationId: id })
    follow(id)
  }

  const table = parts.table && new RunTable({ ...parts.table, view: engine.view, executor, clock })
  const ended = table ? undefined : new EndedRuns(clock)
  const waiting = parts.table && new WaitingRuns({ ...parts.table, view: engine.view, rest, clock })
  const reading = { view: engine.view, rest: waiting ?? rest, executor, explain: parts.explain, ended, table }
  const rows = new StepRows({
    events: (id, after) => readSoFar(engine.view, followed(id), after),
    read: (id) => port.get(id),
    working: (id) => workingSteps(engine.view, id, parts.isQueued),
    now: () => clock.now(),
  })
  const port: RunsPort = {
    ...runtimeSignals({ engine, settling: executor.settling, isThere, goOn }),
    async start(request) {
      const { id } = request
      const terms = startTerms(request, clock.now())
      await checkFree(engine.view, request)
      // a run that has begun no longer needs its text, which may be gone or changed by now
      const starting = { ...request, content: contentOfStart(request), terms }
      if (id !== undefined && (await isBegun(id)))
        return goOnWith(id, starting, async () => (await executor.prepare(request)).firstMessage())
      const prepared = await executor.prepare(request)
      const begun = await begin(prepared, starting)
      return prepared.warnings ? { ...begun, warnings: prepared.warnings } : begun
    },
    async fork(run, request = {}) {
      const terms = startTerms(request, clock.now())
      await checkFree(engine.view, request)
      const content = contentOfFork(run, request)
      return begin(await executor.prepareFork(run, request), { ...request, content, forkOf: run, terms })
    },
    list: (query = {}) => listRuns(reading, query),
    counts: (query = {}) => countRuns(reading, query),
    async steps(id, query) {
      if (!(await isThere(id))) throw await noRun(id, engine.view)
      return rows.page(id, query)
    },
    async get(id) {
      if (!(await isThere(id))) throw await noRun(id, engine.view)
      const state = await stateOf(id)
      // its pipeline may not be stored any more
      if (state && isBeforeBegin(state)) return documentBefore(id, state, await executor.read(id).catch(unlessMissing))
      const run = await executor.read(id)
      return run.status === 'running' && (await rest.isWaiting(id)) ? { ...run, status: 'waiting' } : run
    },
    async step(run, id) {
      if (!(await isThere(run))) throw await noRun(run, engine.view)
      return rows.withAttempts(await executor.readStep(run, id))
    },
    async source(run) {
      if (!(await isThere(run))) throw await noRun(run, engine.view)
      return executor.source(run)
    },
    page: async (run) => writePage(await port.get(run), (step) => executor.readStep(run, step)),
    async whole(run, id, field) {
      const { whole = [] } = await port.step(run, id)
      const stored = whole.find((one) => one.field === field)
      if (!stored)
        throw new NotFoundError(`Field ${field} of step ${id} in run ${run} is not kept whole.`, {
          hint: `Fields that are kept whole: ${whole.map((one) => one.field).join(', ') || 'nothing'}.`,
        })
      return { text: (await values.get(stored.blob)) as string }
    },
    artifact: readArtifact({ get: (id) => port.get(id), rootsOf: executor.rootsOf, root }),
    events: runEvents,
    async resume(id) {
      const taken = await engine.start({ only: id })
      // a run that was acknowledged right before a crash is a start message and no state yet
      const isTaken = taken > 0 && (await engine.view.asked(id))?.kind !== KIND.thread
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
    async closeLists() {
      waiting?.close()
      await table?.close()
    },
    runEnded: (id, after) => hasEnded(engine.view, followed(id), after),
  }

  return {
    port,
    serving,
    goingOn: { goOn, goOnAboveGoal, untilRest, settle: port.settle },
    async begin(firstMessage, request) {
      await checkFree(engine.view, request)
      return begin({ name: request.id ?? firstMessage.type, firstMessage: async () => firstMessage }, request)
    },
  }
}

function tooLate(id: string, { status }: RunHead): InvalidError {
  return new InvalidError(`The run ${id} is over: it is ${status}.`, {
    code: 'run_over',
    hint: 'A run can be undone only before it ends.',
  })
}

type ArtifactReader = Pick<RunReading, 'rootsOf'> & Pick<RunsPort, 'get'> & Pick<Parts, 'root'>

/** Reads files that a run recorded, in their present state, from folders that the run's tools may read. */
function readArtifact({ get, rootsOf, root }: ArtifactReader): RunsPort['artifact'] {
  return async (id, step, { signal = new AbortController().signal } = {}) => {
    const { artifacts } = await get(id)
    const made = artifacts.find((one) => one.step === step)
    if (!made) throw new NotFoundError(`No step ${step} of run ${id} made a file.`)
    const context = {
      owner: LOCAL_OWNER,
      root,
      roots: await rootsOf(id),
      signal,
      idempotencyKey: id,
      emit: () => {},
    }
    return { ...made, bytes: await readFileBytes(made.location, context) }
  }
}
