import { setTimeout as sleep } from 'node:timers/promises'
import type { Clock, Engine } from '../../engine/engine.ts'
import type { Actor } from '../../kernel/types.ts'
import type { SimulatedClock } from '../clock.ts'

/** An engine on some data, not started yet. */
export type EngineUnderTest = {
  readonly engine: Engine
  /**
   * The engine works on a server: the server sets the time, messages that are sent together arrive in any order, and
   * any engine that starts resumes all mail.
   */
  readonly remote?: true
  /** Stops cleanly, and opens the same data again. */
  reopen(): Promise<EngineUnderTest>
  /** Drops the engine without a stop, so that only durable data survives, and opens that data again. */
  crash(): Promise<EngineUnderTest>
  close(): Promise<void>
}
export type OpenOptions = { readonly clock?: Clock; readonly seed?: number }

/** Opens an engine without data. Reopening reads `actors` again: tests replace items of this array by new versions. */
export type OpenEngine = (actors: readonly Actor[], options?: OpenOptions) => Promise<EngineUnderTest> | EngineUnderTest

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
