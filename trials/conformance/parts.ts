import { expect } from 'vitest'
import type { Json } from '../../src/kernel/schema.ts'
import { actor, range, ref, takeFirst } from './actors.ts'
import type { DefineTest } from './harness.ts'

const SHELF = ref('shelf')
type Parts = { readonly [name: string]: Json | null }
type Message = { readonly put: Parts } | { readonly read: readonly string[] } | 'stop'

/** Sets parts and replies with their earlier values, reads parts, or stops. */
const shelf = () =>
  actor('shelf', null, async (_state, message: Message, effects) => {
    if (message === 'stop') return { stop: true, reply: true }
    const names = 'put' in message ? Object.keys(message.put) : message.read
    const reply: Json[] = []
    for (const name of names) reply.push((await effects.part(name)) ?? 'absent')
    return { reply, ...('put' in message && { parts: message.put }) }
  })

/** Parts hold state that grows; each part is stored separately. */
export function parts(test: DefineTest): void {
  test('a part is written alone and read back', async (open) => {
    const { engine } = await open([shelf()])
    expect(await engine.ask(SHELF, { put: { a: 1, b: { deep: [2] } } })).toEqual(['absent', 'absent'])
    expect(await engine.ask(SHELF, { put: { a: 3 } })).toEqual([1])
    expect(await engine.ask(SHELF, { read: ['a', 'b', 'c'] })).toEqual([3, { deep: [2] }, 'absent'])
  })

  test('null removes a part', async (open) => {
    const bench = await open([shelf()])
    await bench.engine.ask(SHELF, { put: { a: 1, b: 2 } })
    await bench.engine.ask(SHELF, { put: { a: null, absent: null } })
    expect(await bench.engine.ask(SHELF, { read: ['a', 'b'] })).toEqual(['absent', 2])
    await bench.crash()
    expect(await takeFirst(bench.engine.view.parts(SHELF))).toEqual([['b', 2]])
  })

  test('falsy values are ordinary parts', async (open) => {
    const { engine } = await open([shelf()])
    await engine.ask(SHELF, { put: { zero: 0, no: false, empty: '', none: [] } })
    expect(Object.fromEntries(await takeFirst(engine.view.parts(SHELF)))).toEqual({
      zero: 0,
      no: false,
      empty: '',
      none: [],
    })
  })

  test('a view lists parts by name: prefix, after, limit', async (open) => {
    const { engine } = await open([shelf()])
    await engine.ask(SHELF, { put: { 'step/b': 2, 'step/a': 1, 'step/c': 3, 'stop%': 4, step_: 5, ste: 6 } })
    const names = async (page = {}) => (await takeFirst(engine.view.parts(SHELF, page))).map(([name]) => name)
    expect(await names()).toEqual(['ste', 'step/a', 'step/b', 'step/c', 'step_', 'stop%'])
    expect(await names({ prefix: 'step/' })).toEqual(['step/a', 'step/b', 'step/c'])
    expect(await names({ prefix: 'step_' })).toEqual(['step_'])
    expect(await names({ prefix: 'step/', after: 'step/a', limit: 1 })).toEqual(['step/b'])
    expect(await names({ after: 'stop%' })).toEqual([])
    expect(await takeFirst(engine.view.parts(ref('shelf', 'other')))).toEqual([])
  })

  test('a view looks up a part by its exact name', async (open) => {
    const bench = await open([shelf()])
    const exact = (prefix: string) => takeFirst(bench.engine.view.parts(SHELF, { prefix, exact: true }))
    const look = async () => [await exact('step/a'), await exact('step/'), await exact('gone')]
    await bench.engine.ask(SHELF, { put: { 'step/a': 1, 'step/ab': 2, gone: 3 } })
    await bench.engine.ask(SHELF, { put: { 'step/a': 0, gone: null } })
    expect(await look()).toEqual([[['step/a', 0]], [], []])
    await bench.crash()
    expect(await look()).toEqual([[['step/a', 0]], [], []])
  })

  test('parts survive a stop and a crash', async (open) => {
    const bench = await open([shelf()])
    await bench.engine.ask(SHELF, { put: { a: 'ä\u0000', b: 1 } })
    await bench.reopen()
    expect(await bench.engine.ask(SHELF, { put: { b: 2 } })).toEqual([1])
    await bench.crash()
    expect(await bench.engine.ask(SHELF, { read: ['a', 'b'] })).toEqual(['ä\u0000', 2])
    expect(await takeFirst(bench.engine.view.parts(SHELF))).toEqual([
      ['a', 'ä\u0000'],
      ['b', 2],
    ])
  })

  test('parts are removed with their actor; a new actor with the same key has none', async (open) => {
    const bench = await open([shelf()])
    await bench.engine.ask(SHELF, { put: { a: 1, b: 2 } })
    await bench.engine.ask(SHELF, 'stop')
    expect(await takeFirst(bench.engine.view.parts(SHELF))).toEqual([])
    expect(await bench.engine.ask(SHELF, { put: { b: 3 } })).toEqual(['absent'])
    expect(await takeFirst(bench.engine.view.parts(SHELF))).toEqual([['b', 3]])
    await bench.crash()
    expect(await takeFirst(bench.engine.view.parts(SHELF))).toEqual([['b', 3]])
    expect(await bench.engine.ask(SHELF, { read: ['a', 'b'] })).toEqual(['absent', 3])
  })

  test('parts that were removed with their actor stay removed after a stop', async (open) => {
    const bench = await open([shelf()])
    await bench.engine.ask(SHELF, { put: { a: 1 } })
    await bench.reopen()
    await bench.engine.ask(SHELF, 'stop')
    await bench.engine.ask(SHELF, { put: { b: 2 } })
    await bench.reopen()
    expect(await takeFirst(bench.engine.view.parts(SHELF))).toEqual([['b', 2]])
  })

  test('many parts are listed page by page, each after the last name', async (open) => {
    const { engine } = await open([shelf()])
    const name = (n: number) => `part ${String(n).padStart(4, '0')}`
    for (const round of range(6)) {
      await engine.ask(SHELF, { put: Object.fromEntries(range(100, round * 100).map((n) => [name(n), n])) })
    }
    const paged: Json[] = []
    for (const after of ['', name(249), name(499)]) {
      const page = await takeFirst(engine.view.parts(SHELF, { prefix: 'part ', after, limit: 250 }))
      paged.push(...page.map(([, value]) => value))
    }
    expect(paged).toEqual(range(600))
    expect((await takeFirst(engine.view.parts(SHELF))).map(([, value]) => value)).toEqual(range(600))
  })
}
