import { setTimeout as sleep } from 'node:timers/promises'
import { findStartOf } from '../../agent/protocol/messages.ts'
import { codeLooker, goalCodeReader } from '../../agent/room/code/look-at-code.ts'
import type { LiveEngine, WorkLimits } from '../../budget/room/charging/charged-budgets.ts'
import { payingModels, payingTools } from '../../budget/room/charging/metered.ts'
import { createReservations, standingLimits } from '../../budget/room/charging/reservations.ts'
import { sourceInRoots } from '../../chain/room/readers.ts'
import type { Config } from '../../config/config.ts'
import { type Engine, systemClock } from '../../engine/engine.ts'
import { runRef } from '../../house/actors.ts'
import { linksOf } from '../../inbox/room/waits-for.ts'
import { LOCAL_OWNER } from '../../lib/owner.ts'
import { pipelineOfRun, pipelineReads } from '../../pipeline/room/open-work.ts'
import type { PipelineServices } from '../../pipeline/step/context.ts'
import { roomsForTools } from '../../rooms/rooms.ts'
import type { LateRemark } from '../../run/messages.ts'
import { noRun } from '../../run/room/errors.ts'
import { createRest } from '../../run/room/rest.ts'
import { peekRun, workOfRun } from '../../run/run.ts'
import type { PinStore } from '../../step/call/context.ts'
import type { ValueStore } from '../../step/values.ts'
import { wholeBytes } from '../../store/blobs/whole-bytes.ts'
import { ruledModels } from '../../work/rules/ruled-models.ts'
import { compileThread } from '../services/compile-thread.ts'
import { openIn } from '../services/open-folders.ts'
import { patienceOf, STEPS } from '../services/pools.ts'
import type { Live } from './live.ts'
import type { ComposedParts, Services } from './services.ts'

/** The services of steps that read data of the runtime. */
export type StepReads = Required<
  Pick<
    PipelineServices,
    | 'readParts'
    | 'askActor'
    | 'openThread'
    | 'openSource'
    | 'isHeld'
    | 'runs'
    | 'rooms'
    | 'orderGoal'
    | 'tellLate'
    | 'tellRun'
  >
>

export function stepServices(config: Config, parts: ComposedParts, services: Services, live: Live) {
  const { folder, roots } = config
  const { values, gate, toolbox, toolServices, pools } = services
  const reservations = createReservations(live, standingLimits(config), workLimits(live, values))
  const { rules, strategies } = services
  const models = ruledModels(payingModels(services.models, reservations), rules)
  const pay = payingTools(reservations)
  const { secrets, batches, clock = systemClock, root = folder } = parts
  const { elapsed } = clock
  const { pool } = pools.find(STEPS)
  const reading = pipelineReads(live, values, compileThread, toolbox)
  const patience = patienceOf(config, clock)
  const pins: PinStore = wholeBytes(values)
  const shared = {
    values,
    pins,
    gate,
    toolbox,
    toolServices,
    models,
    rules,
    strategies,
    pay,
    secrets,
    pool,
    elapsed,
    ...reading,
    patience,
  }
  const { approve = 'default' } = config.tools ?? {}
  const reads = readsForSteps(live)
  const { agents } = services
  const codeOfGoal = goalCodeReader({ values, readParts: reads.readParts, approve }, codeLooker(agents, values))
  const area = { root, writes: config.writes ?? [] }
  const guarded = { open: openIn(config), own: services.loaded.files, area }
  return { ...shared, ...(batches && { batches }), root, roots, ...guarded, ...reads, codeOfGoal }
}

/** The limits of runs, whose pipelines are stored values, and of goals. */
export const workLimits = (live: LiveEngine, values: Pick<ValueStore, 'get'>): WorkLimits => ({
  async ofRun(run) {
    const { view } = live.engine
    const pipeline = await pipelineOfRun(view, values, run.key)
    if (pipeline) return pipeline
    const head = await peekRun(view, run.key)
    return head && head.status !== 'new' ? { id: head.name } : undefined
  },
  ofGoal: async (goal) => (await findStartOf(goal, live.engine.view.parts))?.budget,
})

/** The data of the runtime that steps read when their effects run. */
function readsForSteps(live: Live): StepReads {
  return {
    readParts: (of, page) => live.engine.view.parts(of, page),
    askActor: (to, body, correlationId) => live.engine.ask(to, body, { correlationId, forTurn: true }),
    openThread: (name, owner) => live.ports.forSteps.openThread({ name, owner: owner ?? LOCAL_OWNER }),
    openSource: sourceInRoots,
    rooms: roomsForTools(live),
    isHeld: (run) => createRest(live.engine.view, linksOf(live.engine.view)).isResting(run),
    orderGoal: (order) => live.ports.forSteps.orderGoal(order),
    async tellRun(run, message) {
      const correlationId = workOfRun(run, await peekRun(live.engine.view, run))
      await live.engine.tell(runRef(run), message, { correlationId })
    },
    tellLate: (run, step, warning) => tellLate(live.engine, run, step, warning),
    runs: {
      list: (owner) => live.ports.runs.list({ owner, limit: 1000 }),
      async read(id, owner) {
        const { engine, ports } = live
        if ((await ports.serving.ownerOfRun(id)) !== owner) throw await noRun(id, engine.view, owner)
        // a tool may show the record to a model
        const { context: _, ...run } = await ports.runs.get(id)
        return run
      },
    },
  }
}

/** The step may still be about to end: the number of attempts, and the pause between them. */
const TRIES = 20
const PAUSE_MS = 100

/** Adds a warning to a step whose call has ended. It was printed, too, so it may be lost when the process ends. */
async function tellLate(engine: Engine, run: string, step: string, warning: string): Promise<void> {
  const remark: LateRemark = { type: 'late-remark', step, warning }
  try {
    for (let left = TRIES; left > 0; left--) {
      if (await engine.ask(runRef(run), remark, { correlationId: run })) return
      await sleep(PAUSE_MS, undefined, { ref: false })
    }
  } catch {
    // the run was cancelled or is gone, or the process ends
  }
}
