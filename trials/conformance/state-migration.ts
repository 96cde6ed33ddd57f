import { expect } from 'vitest'
import type { Json } from '../../src/kernel/schema.ts'
import type { Actor } from '../../src/kernel/types.ts'
import { until } from '../../src/testing/until.ts'
import { actor, eventualDeadLetters, ref, takeFirst } from './actors.ts'
import type { DefineTest, EngineBench, OpenTestBench } from './harness.ts'

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

/** Watches the box, and records how it went down. */
const watcher = () =>
  actor('watcher', '', () => ({ watch: [BOX], reply: true }), {
    notice: (_state, notice) => ({ state: notice.type === 'down' ? notice.reason : notice.type }),
  })

async function openOld(open: OpenTestBench): Promise<EngineBench> {
  const bench = await open([first(), watcher()])
  for (const message of ['a', 'b']) await bench.engine.ask(BOX, message)
  return bench
}

/** State outlives the code that wrote it. */
export function upgrade(test: DefineTest): void {
  test('an old state is upgraded once, when its actor takes its next message', async (open) => {
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
    expect(await takeFirst(bench.engine.view.parts(BOX))).toEqual([['last', 'b']])
  })

  test('a watcher does not change the version of an old state', async (open) => {
    const bench = await openOld(open)
    const next = second({ upgrade: (state) => ({ count: state as number }) })
    await bench.reopen({ actors: [next, watcher()] })
    await bench.engine.ask(WATCHER, null)
    await until(async () => (await bench.engine.view.peek(BOX)) !== undefined)
    expect(await bench.engine.ask(BOX, 'c')).toEqual({ count: 3 })
  })

  test('an old state is upgraded one version at a time', async (open) => {
    const bench = await openOld(open)
    const steps: [Json, number][] = []
    const next = second({
      version: 4,
      upgrade(state, from) {
        steps.push([state, from])
        return from === 1 ? { count: state } : { count: (state as { count: number }).count + 100 }
      },
    })
    await bench.reopen({ actors: [next, watcher()] })
    expect(await bench.engine.ask(BOX, 'c')).toEqual({ count: 203 })
    expect(steps).toEqual([
      [2, 1],
      [{ count: 2 }, 2],
      [{ count: 102 }, 3],
    ])
  })

  const broken: { readonly [how: string]: { readonly actor: () => Actor; readonly says: string } } = {
    'there is no upgrade': { actor: () => second({}), says: 'stored as version 1, but this version 2 has no upgrade' },
    'the upgrade throws': {
      actor: () =>
        second({
          upgrade() {
            throw new Error('cannot read this')
          },
        }),
      says: 'cannot read this',
    },
    'its state has another shape': {
      actor: () =>
        second({
          version: 1,
          check(state, key) {
            if (typeof state === 'number') throw new Error(`expected a map for ${key}, got a number`)
          },
        }),
      says: 'expected a map for 1, got a number',
    },
  }

  for (const [how, { actor: mute, says }] of Object.entries(broken)) {
    test(`when ${how} the actor is quarantined with its state, and each waiting caller gets one error`, async (open) => {
      const bench = await openOld(open)
      await bench.engine.ask(WATCHER, null)
      await bench.engine.ask(BOX, 'c')
      await bench.reopen({ actors: [mute(), watcher()] })
      for (const message of ['d', 'e'])
        await expect(bench.engine.ask(BOX, message)).rejects.toMatchObject({
          code: 'unreadable',
          message: expect.stringContaining(says),
        })
      await until(async () => (await bench.engine.view.peek(WATCHER)) === 'failed')
      expect(await bench.engine.view.peek(BOX)).toBe(3)
      const [{ cell } = {}] = await bench.engine.view.inspect({ ...BOX })
      expect(cell).toMatchObject({ status: 'quarantined', problem: { code: 'unreadable' }, version: 1, watchers: [] })
      await eventualDeadLetters(bench.engine, 2)
      expect(await bench.engine.ask(ref('box', 'other'), 'a')).toEqual({ count: 1 })
    })

    test(`when ${how} the actor continues with its state once the code can read it`, async (open) => {
      const bench = await openOld(open)
      await bench.reopen({ actors: [mute(), watcher()] })
      await expect(bench.engine.ask(BOX, 'c')).rejects.toMatchObject({ code: 'unreadable' })
      await bench.reopen({ actors: [second({ upgrade: (state) => ({ count: state as number }) }), watcher()] })
      expect(await bench.engine.ask(BOX, 'd')).toEqual({ count: 3 })
      const [{ cell } = {}] = await bench.engine.view.inspect({ ...BOX })
      expect(cell).toMatchObject({ status: 'live', version: 2 })
      expect(cell).not.toHaveProperty('problem')
      const [dead] = await eventualDeadLetters(bench.engine, 1)
      await bench.engine.deadLetters.retry(dead!.id)
      expect(await bench.engine.ask(BOX, 'e')).toEqual({ count: 5 })
    })
  }

  test('older code cannot read a state of newer code, and newer code can read it again', async (open) => {
    const bench = await openOld(open)
    const newer = () => second({ upgrade: (state) => ({ count: state as number }) })
    await bench.reopen({ actors: [newer(), watcher()] })
    await bench.engine.ask(BOX, 'c')
    let upgrades = 0
    const older = actor<number>('box', 0, (count) => ({ state: count + 1, reply: count }), {
      upgrade: () => {
        upgrades++
        return 0
      },
    })
    await bench.reopen({ actors: [older, watcher()] })
    await expect(bench.engine.ask(BOX, 'd')).rejects.toMatchObject({
      code: 'unreadable',
      message: expect.stringContaining('stored as version 2, by newer code'),
    })
    expect(upgrades).toBe(0)
    await bench.crash({ actors: [newer(), watcher()] })
    expect(await bench.engine.ask(BOX, 'e')).toEqual({ count: 4 })
  })

  test('a quarantined actor that is stopped starts with a new state', async (open) => {
    const bench = await openOld(open)
    await bench.reopen({ actors: [second({}), watcher()] })
    await expect(bench.engine.ask(BOX, 'c')).rejects.toMatchObject({ code: 'unreadable' })
    await bench.engine.tell(BOX, null, { type: 'stop' })
    expect(await bench.engine.ask(BOX, 'd')).toEqual({ count: 1 })
  })

  test('an actor whose newest state cannot be read continues with the older one that it kept', async (open) => {
    const keeping = (shape: string) =>
      actor<Json>(
        'box',
        '',
        (state, message) => ({ state: `${shape}${message}`, parts: { before: state }, reply: state }),
        {
          check(state) {
            if (!`${state}`.startsWith(shape)) throw new Error(`expected ${shape}, got ${state}`)
          },
          older: async ({ part }) => part('before'),
        },
      )
    const bench = await open([keeping('')])
    for (const message of ['new 1', 'old 2']) await bench.engine.ask(BOX, message)
    await bench.reopen({ actors: [keeping('new ')] })
    expect([await bench.engine.ask(BOX, '3'), await bench.engine.ask(BOX, '4')]).toEqual(['new 1', 'new 3'])
    const [{ cell } = {}] = await bench.engine.view.inspect({ ...BOX })
    expect(cell).toMatchObject({ status: 'live' })
    expect(await bench.engine.view.peek(BOX)).toBe('new 4')
    const newer = { ...keeping('new '), version: 2 }
    for (const unable of [newer, keeping('other ')]) {
      await bench.reopen({ actors: [unable] })
      await expect(bench.engine.ask(BOX, '5')).rejects.toMatchObject({ code: 'unreadable' })
      expect(await bench.engine.view.peek(BOX)).toBe('new 4')
    }
  })
}
