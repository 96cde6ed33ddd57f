import { setTimeout as sleep } from 'node:timers/promises'
import type { Clock, Engine } from '../../engine/engine.ts'
import type { Actor } from '../../kernel/types.ts'
import type { SimulatedClock } from '../clock.ts'

/** An engine over some data, not started yet. */
export type EngineUnderTest = {
  readonly engine: Engine
  /** It works on a server: time is the server's, what is sent together comes in any order, and all mail is taken up by whoever starts. */
  readonly remote?: true
  /** A clean stop, then the same again on the same data. */
  reopen(): Promise<EngineUnderTest>
  /** The engine dropped without a stop: nothing survives that was not durable. Then the same again on what is left. */
  crash(): Promise<EngineUnderTest>
  close(): Promise<void>
}
export type OpenOptions = { readonly clock?: Clock; readonly seed?: number }

/** Opens an engine without data. Reopening reads `actors` again: tests put new versions into that very array. */
export type OpenEngine = (actors: readonly Actor[], options?: OpenOptions) => Promise<EngineUnderTest> | EngineUnderTest

/** An engine that is started, and what a test may do to it. */
export type EngineBench = {
  readonly engine: Engine
  /** Less is asked of it: see `remote`. */
  readonly isRemote: boolean
  /** Lets `ms` go by, on the clock it was opened with or by waiting. */
  pass(ms: number): Promise<void>
  /** ms since the epoch as the engine has it */
  now(): number
  reopen(next?: RestartOptions): Promise<void>
  crash(next?: RestartOptions): Promise<void>
  close(): Promise<void>
}
export type RestartOptions = { readonly only?: string; readonly actors?: readonly Actor[] }

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
