import type { Clock, Engine } from '../../engine/engine.ts'
import type { Actor } from '../../kernel/types.ts'

/** An engine over some data, not started yet. */
export type OpenedEngine = {
  readonly engine: Engine
  /** A clean stop, then the same again on the same data. */
  reopen(): Promise<OpenedEngine>
  /** The engine dropped without a stop: nothing survives that was not durable. Then the same again on what is left. */
  crash(): Promise<OpenedEngine>
  close(): Promise<void>
}
export type OpenOptions = { readonly clock?: Clock; readonly seed?: number }

/** Opens an engine without data. Reopening reads `actors` again: tests put new versions into that very array. */
export type OpenEngine = (actors: readonly Actor[], options?: OpenOptions) => Promise<OpenedEngine> | OpenedEngine

/** An engine that is started, and what a test may do to it. */
export type Bench = {
  readonly engine: Engine
  reopen(next?: Restart): Promise<void>
  crash(next?: Restart): Promise<void>
  close(): Promise<void>
}
export type Restart = { readonly only?: string; readonly actors?: readonly Actor[] }

export type Open = (actors: readonly Actor[], options?: OpenOptions) => Promise<Bench>
export type Test = (title: string, body: (open: Open) => Promise<void>) => void
export type Chapter = (test: Test) => void

export async function openBench(open: OpenEngine, given: readonly Actor[], options?: OpenOptions): Promise<Bench> {
  const actors = [...given]
  let opened = await open(actors, options)
  await opened.engine.start()

  async function again(how: 'reopen' | 'crash', { actors: next, ...start }: Restart): Promise<void> {
    if (next) actors.splice(0, actors.length, ...next)
    opened = await opened[how]()
    await opened.engine.start(start)
  }

  return {
    get engine() {
      return opened.engine
    },
    reopen: (next = {}) => again('reopen', next),
    crash: (next = {}) => again('crash', next),
    close: () => opened.close(),
  }
}
