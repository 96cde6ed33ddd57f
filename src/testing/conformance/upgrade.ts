import { expect } from 'vitest'
import type { Json } from '../../kernel/schema.ts'
import type { Actor } from '../../kernel/types.ts'
import { until } from '../until.ts'
import { actor, ref, take } from './actors.ts'
import type { Bench, Open, Test } from './bench.ts'

const BOX = ref('box')
const WATCHER = ref('watcher')

/** Version 1: a number. */
const first = () =>
  actor('box', 0, (count, message) => ({
    state: count + 1,
    parts: { last: message },
    events: [message],
    reply: count + 1,
  }))

/** Version 2: a number in an object. */
const second = (more: Partial<Actor<{ count: number }, Json>>) =>
  actor('box', { count: 0 }, ({ count }) => ({ state: { count: count + 1 }, reply: { count: count + 1 } }), {
    version: 2,
    ...more,
  })

/** Watches the box; keeps how it went down. */
const watcher = () =>
  actor('watcher', '', () => ({ watch: [BOX], reply: true }), {
    notice: (_state, notice) => ({ state: notice.type === 'down' ? notice.reason : notice.type }),
  })

async function openOld(open: Open): Promise<Bench> {
  const bench = await open([first(), watcher()])
  for (const message of ['a', 'b']) await bench.engine.ask(BOX, message)
  return bench
}

/** Cells outlive the code that wrote them. */
export function upgrade(test: Test): void {
  test('an old state is made new once, when its actor takes its next message', async (open) => {
    const bench = await openOld(open)
    const upgrades: [Json, number][] = []
    const next = second({
      upgrade(state, from) {
        upgrades.push([state, from])
        return { count: (state as number) * 10 }
      },
    })
    await bench.reopen({ actors: [next, watcher()] })
    expect(await bench.engine.view.peek(BOX)).toBe(2)
    expect(await bench.engine.ask(BOX, 'c')).toEqual({ count: 21 })
    await bench.crash()
    expect(await bench.engine.ask(BOX, 'd')).toEqual({ count: 22 })
    expect(upgrades).toEqual([[2, 1]])
    expect(await take(bench.engine.view.parts(BOX))).toEqual([['last', 'b']])
  })

  test('being watched does not make an old state pass for a new one', async (open) => {
    const bench = await openOld(open)
    const next = second({ upgrade: (state) => ({ count: state as number }) })
    await bench.reopen({ actors: [next, watcher()] })
    await bench.engine.ask(WATCHER, null)
    await until(async () => (await bench.engine.view.peek(BOX)) !== undefined)
    expect(await bench.engine.ask(BOX, 'c')).toEqual({ count: 3 })
  })

  for (const [how, more] of Object.entries({
    'there is no upgrade': {},
    'the upgrade throws': {
      upgrade() {
        throw new Error('cannot read this')
      },
    },
  })) {
    test(`when ${how} the actor is quarantined with its state, and those who wait are told`, async (open) => {
      const bench = await openOld(open)
      await bench.engine.ask(WATCHER, null)
      await bench.engine.ask(BOX, 'c')
      await bench.reopen({ actors: [second(more), watcher()] })
      await expect(bench.engine.ask(BOX, 'd')).rejects.toThrow(
        how === 'the upgrade throws' ? 'cannot read this' : 'version 1',
      )
      await until(async () => (await bench.engine.view.peek(WATCHER)) === 'failed')
      await expect(bench.engine.ask(BOX, 'e')).rejects.toMatchObject({ code: 'actor_failed' })
      expect(await bench.engine.view.peek(BOX)).toBe(3)
      expect(await bench.engine.deadLetters.list()).toHaveLength(2)
      expect(await bench.engine.ask(ref('box', 'other'), 'a')).toEqual({ count: 1 })
    })
  }
}
