import { setTimeout as sleep } from 'node:timers/promises'
import type { Clock, Engine } from '../../src/engine/engine.ts'
import type { Actor } from '../../src/kernel/types.ts'
import type { SimulatedClock } from '../../src/testing/clock.ts'
import type { OpenEngine, OpenOptions } from '../../src/testing/openers/opened.ts'

/** A started engine, and the operations of a test on it. */
export type EngineBench = {
  readonly engine: Engine
  /** Some tests expect less of a remote engine: see `remote`. */
  readonly isRemote: boolean
  /** Lets `ms` pass, on the given clock or by waiting. */
  pass(ms: number): Promise<void>
  /** the engine's time, in ms since the epoch */
  now(): number
  reopen(next?: RestartOptions): Promise<void>
  crash(next?: RestartOptions): Promise<void>
  close(): Promise<void>
}
type RestartOptions = { readonly only?: string; readonly actors?: readonly Actor[] }

export type OpenTestBench = (actors: readonly Actor[], options?: OpenOptions) => Promise<EngineBench>
export type DefineTest = (title: string, body: (open: OpenTestBench) => Promise<void>) => void
export type Chapter = (test: DefineTest) => void

export async function openBench(
  open: OpenEngine,
  given: readonly Actor[],
  options?: OpenOptions,
): Promise<EngineBench> {
  const actors = [...given]
  let opened = await open(actors, options)
  await opened.engine.start()

  async function again(how: 'reopen' | 'crash', { actors: next, ...start }: RestartOptions): Promise<void> {
    if (next) actors.splice(0, actors.length, ...next)
    opened = await opened[how]()
    await opened.engine.start(start)
  }

  const isRemote = opened.remote === true
  const clock = isRemote ? undefined : options?.clock
  return {
    get engine() {
      return opened.engine
    },
    isRemote,
    pass: (ms) => (isSimulated(clock) ? clock.advance(ms) : sleep(ms)),
    now: () => (clock ? clock.now() : Date.now()),
    reopen: (next = {}) => again('reopen', next),
    crash: (next = {}) => again('crash', next),
    close: () => opened.close(),
  }
}

const isSimulated = (clock: Clock | undefined): clock is SimulatedClock => clock !== undefined && 'advance' in clock
