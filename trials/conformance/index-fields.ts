import { expect } from 'vitest'
import { KERNEL_LIMITS } from '../../src/kernel/limits.ts'
import type { Json } from '../../src/kernel/schema.ts'
import type { ActorIndex } from '../../src/kernel/types.ts'
import { gate } from '../../src/testing/gate.ts'
import { actor, eventually, ignoreOutcome, range, ref } from './actors.ts'
import type { DefineTest } from './harness.ts'

type Message = { readonly index: ActorIndex } | 'stop' | 'nothing'
const receive = (_state: null, message: Message) =>
  message === 'stop'
    ? ({ stop: true, reply: true } as const)
    : { ...(message !== 'nothing' && { index: message.index }), reply: true }
const item = () => actor('item', null, receive)
const itemTwo = () => actor('item-two', null, receive)

/** Lists filter and sort by the index fields that turns set. */
export function index(test: DefineTest): void {
  test('a list filters by fields, sorts and limits', async (open) => {
    const { engine } = await open([item()])
    const items = { a: { status: 'running', at: 10 }, b: { status: 'done', at: 9 }, c: { status: 'running', at: 100 } }
    for (const [key, index] of Object.entries(items)) await engine.ask(ref('item', key), { index })
    const keys = async (query = {}) => (await engine.view.list('item', query)).map(({ key }) => key)
    await eventually(() => engine.view.list('item')).toEqual(
      Object.entries(items).map(([key, index]) => ({ key, index })),
    )
    expect(await keys({ where: { status: 'running' } })).toEqual(['a', 'c'])
    expect(await keys({ where: { status: 'running', at: 100 } })).toEqual(['c'])
    expect(await keys({ where: { status: 'lost' } })).toEqual([])
    expect(await keys({ sort: 'at' })).toEqual(['b', 'a', 'c'])
    expect(await keys({ sort: 'at', descending: true })).toEqual(['c', 'a', 'b'])
    expect(await keys({ sort: 'at', descending: true, limit: 2 })).toEqual(['c', 'a'])
    expect(await keys({ limit: 0 })).toEqual([])
    expect(await keys({ after: 'a' })).toEqual(['b', 'c'])
    expect(await keys({ after: 'a', limit: 1 })).toEqual(['b'])
    expect(await keys({ after: 'c' })).toEqual([])
    expect(await keys({ after: 'c', descending: true })).toEqual(['b', 'a'])
  })

  test('a list continues after a place in its order, even if actors were added or removed', async (open) => {
    const { engine } = await open([item()])
    const items = { a: { at: 'x' }, b: { at: 10 }, c: { other: 1 }, d: { at: 9 }, e: { other: 2 }, f: { at: 9 } }
    for (const [key, index] of Object.entries(items)) await engine.ask(ref('item', key), { index })
    const keys = async (query = {}) => (await engine.view.list('item', query)).map(({ key }) => key)
    await eventually(() => keys({ sort: 'at' })).toEqual(['c', 'e', 'd', 'f', 'b', 'a'])
    const up = { sort: 'at' }
    expect(await keys({ ...up, after: 'c' })).toEqual(['e', 'd', 'f', 'b', 'a'])
    expect(await keys({ ...up, after: 'd', at: 9, limit: 2 })).toEqual(['f', 'b'])
    expect(await keys({ ...up, after: 'a', at: 'x' })).toEqual([])
    const down = { sort: 'at', descending: true }
    expect(await keys(down)).toEqual(['a', 'b', 'd', 'f', 'c', 'e'])
    expect(await keys({ ...down, after: 'b', at: 10 })).toEqual(['d', 'f', 'c', 'e'])
    expect(await keys({ ...down, after: 'd', at: 9, limit: 2 })).toEqual(['f', 'c'])
    expect(await keys({ ...down, after: 'c' })).toEqual(['e'])
    await engine.ask(ref('item', 'd'), 'stop')
    await engine.ask(ref('item', 'dd'), { index: { at: 9 } })
    await engine.ask(ref('item', 'z'), { index: { at: 11 } })
    await eventually(() => keys({ ...down, after: 'd', at: 9 })).toEqual(['dd', 'f', 'c', 'e'])
  })

  test('a list selects actors without a field', async (open) => {
    const bench = await open([item()])
    const items = { a: { status: 'done', owner: 'x' }, b: { status: 'done' }, c: { status: 'open' } }
    for (const [key, index] of Object.entries(items)) await bench.engine.ask(ref('item', key), { index })
    await bench.reopen()
    await bench.engine.ask(ref('item', 'd'), { index: { status: 'done' } })
    const keys = async (query = {}) => (await bench.engine.view.list('item', query)).map(({ key }) => key)
    await eventually(() => keys({ where: { owner: null } })).toEqual(['b', 'c', 'd'])
    expect(await keys({ where: { owner: null, status: 'done' }, limit: 1 })).toEqual(['b'])
    expect(await keys({ where: { owner: 'x' } })).toEqual(['a'])
  })

  test('a list sorts actors without the field first, then numbers, then texts, and equal ones by key', async (open) => {
    const { engine } = await open([item()])
    const items = { a: { at: 'x' }, b: { at: 10 }, c: { other: 1 }, d: { at: 9 }, e: { at: '9' }, f: { at: 9 } }
    for (const [key, index] of Object.entries(items)) await engine.ask(ref('item', key), { index })
    const keys = async (query = {}) => (await engine.view.list('item', query)).map(({ key }) => key)
    await eventually(() => keys({ sort: 'at' })).toEqual(['c', 'd', 'f', 'b', 'e', 'a'])
    expect(await keys({ sort: 'at', descending: true })).toEqual(['a', 'e', 'b', 'd', 'f', 'c'])
    expect(await keys({ where: { at: 9 } })).toEqual(['d', 'f'])
    expect(await keys({ descending: true, limit: 2 })).toEqual(['f', 'e'])
  })

  test('a list with a limit sees the latest changes of actors in memory and on disk', async (open) => {
    const bench = await open([item()])
    for (const at of range(6)) await bench.engine.ask(ref('item', `${at}`), { index: { status: 'old', at } })
    await bench.reopen()
    await bench.engine.ask(ref('item', '5'), { index: { status: 'new', at: 0 } })
    await bench.engine.ask(ref('item', '4'), 'stop')
    const keys = async (query = {}) => (await bench.engine.view.list('item', query)).map(({ key }) => key)
    await eventually(() => keys({ sort: 'at', descending: true, limit: 2 })).toEqual(['3', '2'])
    await eventually(() => keys({ sort: 'at', limit: 2 })).toEqual(['0', '5'])
    expect(await keys({ where: { status: 'old' }, sort: 'at', descending: true, limit: 1 })).toEqual(['3'])
    expect(await keys({ where: { status: 'new' }, limit: 1 })).toEqual(['5'])
  })

  test('an index with a bad name or value is rejected, and the error names the field', async (open) => {
    const { engine } = await open([item()])
    const give = (index: object) => engine.ask(ref('item'), { index } as Json)
    await expect(give({ 'a"b': 1 })).rejects.toThrow('Index field "a\\"b" of item')
    await expect(give({ at: true })).rejects.toThrow('Index field at of item must be')
    const many = Array.from({ length: KERNEL_LIMITS.index + 1 }, (_, n) => [`field${n}`, n])
    await expect(give(Object.fromEntries(many))).rejects.toThrow('index fields of item')
  })

  test('a turn replaces the whole index, or leaves it unchanged', async (open) => {
    const { engine } = await open([item()])
    await engine.ask(ref('item', 'a'), { index: { status: 'running', at: 1 } })
    await engine.ask(ref('item', 'a'), 'nothing')
    await eventually(() => engine.view.list('item')).toEqual([{ key: 'a', index: { status: 'running', at: 1 } }])
    await engine.ask(ref('item', 'a'), { index: { status: 'done' } })
    await eventually(() => engine.view.list('item')).toEqual([{ key: 'a', index: { status: 'done' } }])
  })

  test('kinds with a common prefix and unusual keys stay separate', async (open) => {
    const { engine } = await open([item(), itemTwo()])
    await engine.ask(ref('item', 'x/y'), { index: { n: 1 } })
    await engine.ask(ref('item-two', 'z'), { index: { n: 2 } })
    await engine.ask(ref('item', 'silent'), 'nothing')
    await eventually(() => engine.view.list('item')).toEqual([{ key: 'x/y', index: { n: 1 } }])
    await eventually(() => engine.view.list('item-two')).toEqual([{ key: 'z', index: { n: 2 } }])
  })

  test('a list survives a stop and a crash', async (open) => {
    const bench = await open([item()])
    await bench.engine.ask(ref('item', 'a'), { index: { n: 1 } })
    await bench.engine.ask(ref('item', 'b'), { index: { n: 1 } })
    await bench.reopen()
    await bench.engine.ask(ref('item', 'b'), { index: { n: 2 } })
    await bench.crash()
    await eventually(() => bench.engine.view.list('item', { sort: 'n' })).toEqual([
      { key: 'a', index: { n: 1 } },
      { key: 'b', index: { n: 2 } },
    ])
  })

  test('a list omits stopped actors and uncommitted changes', async (open) => {
    const hold = gate()
    const slow = actor('item', null, async (_state, message: Message, effects) => {
      if (message !== 'stop') await effects.run('hold', ({ signal }) => hold.pass(signal))
      return receive(null, message)
    })
    const { engine } = await open([slow])
    const asked = engine.ask(ref('item', 'a'), { index: { n: 1 } })
    ignoreOutcome(asked)
    await hold.started
    expect(await engine.view.list('item')).toEqual([])
    hold.release()
    await asked
    await eventually(() => engine.view.list('item')).toHaveLength(1)
    await engine.ask(ref('item', 'a'), 'stop')
    await eventually(() => engine.view.list('item')).toEqual([])
  })
}
