import { auditLife } from './check/audit.ts'
import type { SimulationLedger } from './check/ledger.ts'
import { withWitness, witnessActor } from './check/witness.ts'
import type { RunningEngine } from './client.ts'
import type { OutsideWorld } from './outside-world.ts'
import type { FaultSchedule } from './plan/faults.ts'
import type { TrialPlan } from './plan/plan.ts'
import type { SimulationSetup } from './trial.ts'
import { createEngineLife } from './world/life.ts'
import type { StepScheduler } from './world/scheduler.ts'
import { inlineStore, libsqlStore, type SimulatedStore } from './world/store.ts'

/** The lives of a trial, one after the other on the same data. */
export interface EngineLives {
  readonly count: number
  /** The number of messages that waited when the last life began. */
  readonly left: number
  /** Opens the next engine when it is time; returns whether it did. */
  begin(): Promise<boolean>
  crash(): void
  restart(grace: number | null): void
  whenOpen(): Promise<RunningEngine>
  close(): void
}

type LivesOptions = {
  readonly plan: TrialPlan
  readonly setup: SimulationSetup
  readonly scheduler: StepScheduler
  readonly ledger: SimulationLedger
  readonly outside: OutsideWorld
  readonly faults: FaultSchedule
}

export function createEngineLives({ plan, setup, scheduler, ledger, outside, faults }: LivesOptions): EngineLives {
  const disk = { scheduler, nextFlush: faults.nextFlush, crash }
  const store: SimulatedStore = setup.engine === 'inline' ? inlineStore(plan.seed) : libsqlStore(disk, plan)
  const waiting: ((opened: RunningEngine) => void)[] = []
  let opened: RunningEngine | undefined
  let started: RunningEngine | undefined
  let isDue = true
  let count = 0
  let left = 0
  let ids = 0

  function open(): RunningEngine {
    const life = createEngineLife(++count)
    const clock = scheduler.clockOf(life)
    const watchEffects = (...call: Parameters<OutsideWorld['watch']> extends [unknown, ...infer Rest] ? Rest : never) =>
      outside.watch(life, ...call)
    const actors = [...setup.actors().map((actor) => withWitness(actor, { life, ledger, watchEffects })), witnessActor]
    const engine = store.open(life, { actors, clock, createId: () => `id-${++ids}`, onFailed: () => fail(next) })
    const next: RunningEngine = { life, engine, closing: false }
    return next
  }

  function begun(next: RunningEngine, taken: number): void {
    if (opened !== next) return
    started = next
    left = taken
    for (const resume of waiting.splice(0)) resume(next)
  }

  function fail(failed: RunningEngine): void {
    failed.closing = true
    scheduler.plan('the engine has failed', () => failed.life.alive && crash())
  }

  function crash(): void {
    opened?.life.end()
    finish()
  }

  function finish(): void {
    opened = undefined
    started = undefined
    store.crash()
    scheduler.plan('open', () => void (isDue = true))
  }

  async function stop(stopping: RunningEngine, grace: number | null): Promise<void> {
    stopping.closing = true
    await stopping.engine.stop(grace === null ? {} : { grace })
    if (!stopping.life.alive) return
    stopping.life.end()
    finish()
  }

  return {
    get count() {
      return count
    },
    get left() {
      return left
    },
    async begin() {
      if (!isDue) return false
      isDue = false
      const next = open()
      await auditLife(next.engine, ledger)
      opened = next
      // resumed work waits for the disk, which later steps serve; a failure is reported
      next.engine.start().then(
        (taken) => begun(next, taken),
        () => {},
      )
      return true
    },
    crash: () => opened && crash(),
    restart(grace) {
      if (opened && !opened.closing) stop(opened, grace).catch((error: Error) => ledger.violate(`stop: ${error.stack}`))
    },
    whenOpen: () =>
      started && !started.closing ? Promise.resolve(started) : new Promise((resolve) => waiting.push(resolve)),
    close: () => store.close(),
  }
}
