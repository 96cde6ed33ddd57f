import { expect, it } from 'vitest'
import { z } from 'zod'
import type { Json, Schema } from '../../../src/kernel/schema.ts'
import { allTools, ourTools } from '../../../src/runtime/services/toolbox.ts'
import { checkResult, withCheckedResults } from '../../../src/tool/plugin/result.ts'
import type { Tool } from '../../../src/tool/tool.ts'

class Money {
  readonly cents = 5
}
/** JSON would lose all of it. */
class Closed {
  readonly #cents = 5
  cents() {
    return this.#cents
  }
}
const circle: { [field: string]: unknown } = { a: 1 }
circle.inside = [circle]

it.each<[what: string, given: unknown, path: string]>([
  ['a BigInt', { rows: [1, { id: 2n }] }, 'rows[1].id'],
  ['a function', { 'made at': () => 1 }, '["made at"]'],
  ['a symbol', [Symbol('a')], '[0]'],
  ['a Map', { m: new Map() }, 'm'],
  ['a Set', { m: new Set() }, 'm'],
  ['a Closed', { price: new Closed() }, 'price'],
  ['a Buffer', Buffer.from('a'), ''],
  ['a value that contains itself', circle, 'inside[0]'],
  ['an Error', [new Error('a')], '[0]'],
  ['a Generator', { each: (function* () {})() }, 'each'],
  ['NaN', { n: Number.NaN }, 'n'],
  ['-Infinity', [[-Infinity]], '[0][0]'],
  ['undefined', { list: [1, undefined] }, 'list[1]'],
  ['undefined', Object.assign(new Array(1), { 1: 'a' }), '[0]'],
])('a result with %s is refused with its place', (what, given, path) => {
  const refused = () => checkResult({ name: 'mine' }, given)
  const place = path && ` at \`${path}\``
  expect(refused).toThrow(
    expect.objectContaining({
      code: 'bad_result',
      message: `The call of mine was made; its result does not fit${place}: expected JSON, got ${what}.`,
      result: null,
      terminal: true,
    }),
  )
})

it.each<[what: string, given: unknown]>([
  ['a date', { id: 7, createdAt: new Date(0), all: [new Date(1), { at: new Date(Number.NaN) }] }],
  ['a form of its own', { price: { toJSON: () => ({ cents: 5n.toString() }) }, at: new URL('https://a.example/b') }],
  ['a form that is nothing', { gone: { toJSON: () => undefined }, list: [{ toJSON: () => undefined }] }],
  ['a row of a class', [Object.assign(new Money(), { at: new Date(0), absent: undefined })]],
  ['a class of lists', class extends Array {}.from([1, new Date(0)])],
])('%s is kept as JSON.stringify writes it', async (_, given) => {
  expect(await checkResult({ name: 'mine' }, given)).toEqual(JSON.parse(JSON.stringify(given)))
})

it('a kept form is checked like any other result', async () => {
  const output = z.object({ at: z.iso.datetime(), n: z.number() }) as unknown as Schema<Json>
  const check = async (given: unknown) => checkResult({ name: 'mine', output }, given)
  expect(await check({ at: new Date(0), n: 1 })).toEqual({ at: '1970-01-01T00:00:00.000Z', n: 1 })
  await expect(check({ at: new Date(0) })).rejects.toMatchObject({ result: { at: '1970-01-01T00:00:00.000Z' } })
  await expect(check({ at: { toJSON: () => new Map() } })).rejects.toMatchObject({
    message: 'The call of mine was made; its result does not fit at `at`: expected JSON, got a Map.',
  })
})

it('plain JSON is unchanged', async () => {
  const shared = { a: 1 }
  const given = { text: 'a', list: [shared, shared, null], constructor: 'a', __proto__: null, absent: undefined }
  expect(await checkResult({ name: 'mine' }, given)).toBe(given)
  expect(await checkResult({ name: 'mine' }, undefined)).toBeNull()
})

it('a result that does not fit the declared output is refused with the place, and nothing of a fitting one is changed', async () => {
  const output = z.object({ rows: z.array(z.object({ n: z.number() })) }) as unknown as Schema<Json>
  const check = async (given: unknown) => checkResult({ name: 'mine', output }, given)
  await expect(check({ rows: [{ n: 1 }, { n: '2' }] })).rejects.toMatchObject({
    code: 'bad_result',
    message: 'The call of mine was made; its result does not fit at `rows[1].n`: expected a number, got a string.',
    result: { rows: [{ n: 1 }, { n: '2' }] },
  })
  await expect(check(undefined)).rejects.toMatchObject({ code: 'bad_result', result: null })
  expect(await check({ rows: [{ n: 1, more: 2 }] })).toEqual({ rows: [{ n: 1, more: 2 }] })
  expect(await check({ success: false, error: 'no rows' })).toEqual({ success: false, error: 'no rows' })
})

it('the results of our own tools are checked as well, at once or later, also of a confined call', async () => {
  const output = z.object({ rows: z.array(z.object({ n: z.number() })) })
  const given = { rows: [{ n: 'x' }] } as never
  const tool = {
    name: 'mine',
    description: '',
    input: z.unknown(),
    output,
    effect: 'pure' as const,
    execute: () => given,
  }
  const wrong = { code: 'bad_result', message: expect.stringContaining('at `rows[0].n`') }
  const call = async (one: Tool) => (one.confined ?? one.execute).call(one, {}, {} as never)
  await expect(call(withCheckedResults(tool))).rejects.toMatchObject(wrong)
  await expect(call(withCheckedResults({ ...tool, execute: async () => given }))).rejects.toMatchObject(wrong)
  await expect(call(withCheckedResults({ ...tool, confined: () => given }))).rejects.toMatchObject(wrong)
  const declared = allTools([]).filter((one) => one.output && ourTools.some(({ name }) => name === one.name))
  expect(declared.length).toBeGreaterThan(40)
  for (const one of declared) expect(Object.hasOwn(one, 'execute')).toBe(true)
})

it('a result that throws when it is read is refused by the name of its tool', () => {
  const given = {
    get a() {
      throw new Error('the connection is closed')
    },
  }
  expect(() => checkResult({ name: 'mine' }, given)).toThrow(
    expect.objectContaining({
      code: 'bad_result',
      message: 'The call of mine was made; its result does not fit: it cannot be read: the connection is closed.',
    }),
  )
})
