import { describe, expect, test } from 'vitest'
import { z } from 'zod'
import type { Engine } from '../../src/engine/engine.ts'
import { inlineDisk } from '../../src/engine/inline/disk.ts'
import { inlineEngine } from '../../src/engine/inline/engine.ts'
import type { LibsqlEngine } from '../../src/engine/libsql/engine.ts'
import { defineActor } from '../../src/kernel/turn.ts'
import type { Actor } from '../../src/kernel/types.ts'
import { gate } from '../../src/testing/gate.ts'
import { createPath, openEngine } from './libsql/open.ts'

const COUNTER = { kind: 'counter', key: 'one' }
const WORKER = { kind: 'worker', key: 'one' }
const BUSY = { name: 'BusyError' }

/** A worker whose effect waits at a gate, and then asks a counter twice. */
function actorsWith(hold: ReturnType<typeof gate>, engine: () => Engine): readonly Actor[] {
  const count = () => engine().ask(COUNTER, null, { forTurn: true })
  return [
    defineActor({
      kind: 'counter',
      message: z.null(),
      initial: () => 0,
      receive: async (n) => ({ state: n + 1, reply: n + 1 }),
    }),
    defineActor({
      kind: 'worker',
      message: z.null(),
      initial: (): number[] => [],
      async receive(_state, _message, effects) {
        const counts = await effects.run('count', async ({ signal }) => {
          await hold.pass(signal)
          return [(await count()) as number, ...((await Promise.all([count(), count()])) as number[])]
        })
        return { state: counts, reply: counts }
      },
    }),
  ]
}

const engines = {
  async inline(actors: (engine: () => Engine) => readonly Actor[]) {
    const disk = inlineDisk()
    const open = () => {
      const engine: Engine = inlineEngine({ disk, actors: actors(() => engine) })
      return Promise.resolve(engine)
    }
    return { open }
  },
  async libsql(actors: (engine: () => Engine) => readonly Actor[]) {
    const path = createPath()
    let engine: LibsqlEngine
    return {
      async open() {
        engine = await openEngine(path, { actors: actors(() => engine) })
        return engine
      },
    }
  },
}

describe.each(Object.entries(engines))('the engine %s', (name, openOn) => {
  test('answers an effect of a running turn while it stops, and nobody else', async () => {
    const hold = gate()
    const { open } = await openOn((engine) => actorsWith(hold, engine))
    const engine = await open()
    await engine.tell(WORKER, null)
    await hold.started
    const stopped = engine.stop()
    await expect(engine.ask(COUNTER, null)).rejects.toMatchObject(BUSY)
    hold.release()
    await stopped
    await expect(engine.ask(COUNTER, null, { forTurn: true })).rejects.toThrow()
    const next = await open()
    await next.start()
    expect(await next.view.peek(WORKER)).toEqual([1, 2, 3])
    expect(await next.view.peek(COUNTER)).toBe(3)
  })

  test.runIf(name === 'libsql')('answers it while it comes to rest', async () => {
    const hold = gate()
    const { open } = await openOn((engine) => actorsWith(hold, engine))
    const engine = (await open()) as LibsqlEngine
    await engine.tell(WORKER, null)
    await hold.started
    const rested = engine.rest(5_000, new AbortController().signal)
    hold.release()
    expect(await rested).toBe(true)
    await expect(engine.ask(COUNTER, null, { forTurn: true })).rejects.toMatchObject(BUSY)
    expect(await engine.view.peek(WORKER)).toEqual([1, 2, 3])
  })
})
