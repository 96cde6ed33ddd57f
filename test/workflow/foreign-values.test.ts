import { runInNewContext } from 'node:vm'
import { expect, it } from 'vitest'
import { z } from 'zod'
import { inlineEngine } from '../../src/engine/inline/engine.ts'
import type { Json } from '../../src/kernel/schema.ts'
import { defineWorkflow } from '../../src/workflow/definition/workflow-value.ts'
import { asJson, toJson } from '../../src/workflow/operations/stored-value.ts'
import { actor } from '../../trials/conformance/actors.ts'
import { openRuns } from './open-runs.ts'

class Closed {
  readonly #cents = 5
  cents() {
    return this.#cents
  }
}
class OutOfStock extends Error {
  readonly sku = 'lamp'
}
const settled = await Promise.allSettled([Promise.reject(new Error('no stock'))])

/** What JSON cannot hold: the value, its kind and place as the error says them, and a word of the hint. */
const FOREIGN: readonly (readonly [value: () => unknown, kind: string, place: string, hint: string])[] = [
  [() => new Error('no stock'), 'an Error', '', 'value.message'],
  [() => ({ why: new OutOfStock('lamp') }), 'an OutOfStock', 'why', 'lists and plain maps'],
  [() => [new TypeError('no', { cause: 1 })], 'a TypeError', '[0]', 'value.message'],
  [() => new DOMException('no'), 'a DOMException', '', 'value.message'],
  [() => ({ all: settled }), 'an Error', 'all[0].reason', 'value.message'],
  [() => ({ user: Promise.resolve(1) }), 'a Promise', 'user', 'await value'],
  [() => new Headers({ a: 'b' }), 'a Headers', '', 'Object.fromEntries'],
  [() => ({ q: new URLSearchParams('a=b') }), 'a URLSearchParams', 'q', 'Object.fromEntries'],
  [() => new FormData(), 'a FormData', '', 'Object.fromEntries'],
  [() => new Response('a'), 'a Response', '', 'value.json()'],
  [() => new Request('http://a.example'), 'a Request', '', 'value.json()'],
  [() => ({ 'the bytes': new ArrayBuffer(2) }), 'an ArrayBuffer', '["the bytes"]', 'base64'],
  [() => new Uint16Array(2), 'a Uint16Array', '', 'base64'],
  [() => Buffer.from('a'), 'a Buffer', '', 'base64'],
  [() => new DataView(new ArrayBuffer(1)), 'a DataView', '', 'base64'],
  [() => new Blob(['a']), 'a Blob', '', 'value.text()'],
  [() => ({ at: [/a/] }), 'a RegExp', 'at[0]', 'value.source'],
  [() => new String('a'), 'a String', '', 'valueOf'],
  [() => ({ n: Object(5) }), 'a Number', 'n', 'valueOf'],
  [() => Object(true), 'a Boolean', '', 'valueOf'],
  [() => Object(5n), 'a BigInt', '', 'String(value)'],
  [() => 5n, 'a BigInt', '', 'String(value)'],
  [() => (function* () {})(), 'a Generator', '', '[...value]'],
  [() => (async function* () {})(), 'an AsyncGenerator', '', '[...value]'],
  [() => new Map([[1, 2]]).values(), 'an Iterator', '', '[...value]'],
  [
    () =>
      (function (..._: unknown[]) {
        // biome-ignore lint/complexity/noArguments: it is the value under test
        return arguments
      })(1, 2),
    'a list of arguments',
    '',
    '[...value]',
  ],
  [() => new Date(0), 'a Date', '', 'toISOString'],
  [() => ({ at: new Date(Number.NaN) }), 'a Date', 'at', 'toISOString'],
  [() => new Map([[1, 2]]), 'a Map', '', 'Object.fromEntries'],
  [() => new Set([1]), 'a Set', '', '[...value]'],
  [() => new WeakMap(), 'a WeakMap', '', 'plain maps'],
  [() => new Closed(), 'a Closed', '', 'plain maps'],
  [() => ({ act: () => 1 }), 'a function', 'act', 'plain maps'],
  [() => [Symbol('a')], 'a symbol', '[0]', 'plain maps'],
  [() => ({ n: Number.NaN }), 'NaN', 'n', 'finite numbers'],
  [() => ({ toJSON: () => new Map() }), 'a Map', '', 'Object.fromEntries'],
  [() => runInNewContext('({ at: new Date(0) })'), 'a Date', 'at', 'toISOString'],
  [() => runInNewContext('[new Error("a")]'), 'an Error', '[0]', 'value.message'],
  [() => new Proxy(new Error('a'), {}), 'an Error', '', 'value.message'],
]

const messageOf = (kind: string, place: string) =>
  `The value${place && ` \`${place}\``} is ${kind}, which JSON cannot hold.`

it.each(FOREIGN.map(([value, kind, place, hint]) => [kind, place, hint, value] as const))(
  '%s at `%s` is refused',
  (kind, place, hint, value) => {
    const error = expect.objectContaining({
      name: 'InvalidError',
      message: messageOf(kind, place),
      place: { path: place },
    })
    expect(() => toJson(value())).toThrow(error)
    expect(() => toJson(value())).toThrow(expect.objectContaining({ hint: expect.stringContaining(hint) }))
  },
)

class Money {
  readonly cents = 5
}
const withoutPrototype = Object.assign(Object.create(null), { a: 1 })

it.each<[what: string, value: unknown, json: Json]>([
  ['nothing', undefined, null],
  ['a map with an absent field, and a list with a hole', { a: undefined, b: [1, undefined, 3] }, { b: [1, null, 3] }],
  ['an instance with fields', { price: new Money() }, { price: { cents: 5 } }],
  ['a map without a prototype', withoutPrototype, { a: 1 }],
  ['a map and a list of another realm', runInNewContext('({ a: [{ b: 1 }] })'), { a: [{ b: 1 }] }],
  ['a proxy of a map', new Proxy({ a: [1] }, {}), { a: [1] }],
  [
    'a form of its own',
    { at: new URL('https://a.example/b'), n: { toJSON: () => 5 } },
    { at: 'https://a.example/b', n: 5 },
  ],
  ['a zero below zero', { n: -0 }, { n: 0 }],
  ['a field named after the prototype', JSON.parse('{"__proto__":{"a":1}}'), JSON.parse('{"__proto__":{"a":1}}')],
])('%s is kept, as a copy', (_, value, json) => {
  const kept = toJson(value)
  expect(kept).toStrictEqual(json)
  if (typeof value === 'object') expect(kept).not.toBe(value)
})

it('a value that cannot be read is refused in words', () => {
  const { proxy, revoke } = Proxy.revocable({}, {})
  revoke()
  const thrown = { get a() { throw new Error('not now') } } // biome-ignore format: one line
  expect(() => toJson({ thrown })).toThrow('The value cannot be read: not now')
  expect(() => toJson(proxy)).toThrow('The value cannot be read: ')
  expect(() => asJson(new Error('a'), 'the result of step a')).toThrow(
    'the result of step a was made; its result does not fit: The value is an Error, which JSON cannot hold.',
  )
})

/** The doors through which a workflow or a program hands over a value; each says its error. */
const any = z.any()
const flow = defineWorkflow({
  name: 'flow',
  input: any,
  async run(ctx, { door, n }: { door: string; n: number }) {
    const make = FOREIGN[n]![0]
    ctx.handle('how', any, () => make() as Json)
    const say = (error: Error) => error.message
    const tries: { readonly [door: string]: () => unknown } = {
      result: make,
      step: () => ctx.step('step', make as never, { retry: 0 }),
      undo: async () => {
        await ctx.step('undone', () => 1, { undo: make })
        throw new Error('undone')
      },
      progress: () => ctx.step('words', ({ progress }) => progress(make() as Json), { retry: 0 }),
      delta: () => ctx.step('deltas', ({ delta }) => delta(make() as Json), { retry: 0 }),
      event: () => ctx.event('event', make()),
      child: () => ctx.call(flow, make() as never),
      start: () => ctx.start(flow, make() as never),
      loop: () => ctx.loop(make(), async () => ({ done: null })),
      next: () => ctx.loop(1, async () => ({ next: make() }) as never),
      approve: () => ctx.approve('approve', { content: make() as Json, timeout: '50ms' }),
      signal: () => ctx.signal('signal'),
    }
    if (door === 'result' || door === 'undo') return tries[door]!()
    try {
      return ((await tries[door]!()) as Json) ?? 'taken'
    } catch (error) {
      return say(error as Error)
    }
  },
  onFailure: 'undo',
})

const SOME = ['an Error', 'a Promise', 'a Response', 'a RegExp', 'a Generator', 'a String']
const some = FOREIGN.flatMap(([, kind, place], n) =>
  SOME.includes(kind) && !place.startsWith('all') ? [[kind, n, place] as const] : [],
)

it.each(some)('%s is refused at each door of a workflow', async (kind, n, place) => {
  const { start, ended, runs, runtime } = await openRuns({ workflows: [flow] })
  const message = messageOf(kind, place)
  const [, why] = message.split('The value') as [string, string]
  const doors = ['step', 'progress', 'delta', 'event', 'child', 'start', 'loop', 'next', 'approve']
  for (const door of [...doors, 'result', 'undo']) await start('flow', { door, n }, door)
  for (const door of doors) expect((await ended(door)).outputs.result, door).toContain(why)
  expect(await ended('result')).toMatchObject({ status: 'failed', error: `The result of the workflow: ${message}` })
  // nobody gets what an undo returns
  expect((await ended('undo')).steps.undone).toMatchObject({ undone: true })
  await start('flow', { door: 'signal', n }, 'signal')
  await expect(runs.signal('signal', 'signal', FOREIGN[n]![0]() as Json)).rejects.toThrow(message)
  await expect(start('flow', FOREIGN[n]![0](), 'input')).rejects.toThrow(message)
  await expect(runtime.workflows.ask('signal', 'how', null)).rejects.toThrow(message)
})

it.each(some)('%s is refused in a message to an actor, and in what its effect gives', async (kind, n, place) => {
  const value = FOREIGN[n]![0]
  const counter = actor('counter', 0, async (_, __, { run }) => ({ reply: (await run('act', value as never)) as Json }))
  const echo = actor('echo', 0, () => ({ reply: 'it came' }))
  const engine = inlineEngine({ actors: [counter, echo] })
  await expect((async () => engine.ask({ kind: 'echo', key: 'a' }, value() as Json))()).rejects.toThrow(
    messageOf(kind, place),
  )
  await expect(engine.ask({ kind: 'counter', key: 'a' }, null)).rejects.toThrow(messageOf(kind, place))
})
