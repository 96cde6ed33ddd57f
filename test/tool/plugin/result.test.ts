import { expect, it } from 'vitest'
import { z } from 'zod'
import type { Json, Schema } from '../../../src/kernel/schema.ts'
import { allTools, ourTools } from '../../../src/runtime/services/toolbox.ts'
import { checkResult, withCheckedResults } from '../../../src/tool/plugin/result.ts'
import type { Tool } from '../../../src/tool/tool.ts'

class Money {
  readonly cents = 5
}
const circle: { [field: string]: unknown } = { a: 1 }
circle.inside = [circle]

it.each<[what: string, given: unknown, path: string]>([
  ['a BigInt', { rows: [1, { id: 2n }] }, 'rows[1].id'],
  ['a Date', { 'made at': new Date(0) }, '["made at"]'],
  ['a function', { toJSON: () => 1 }, 'toJSON'],
  ['a symbol', [Symbol('a')], '[0]'],
  ['a Map', { m: new Map() }, 'm'],
  ['a Set', { m: new Set() }, 'm'],
  ['a Money', { price: new Money() }, 'price'],
  ['a Buffer', Buffer.from('a'), ''],
  ['a value that contains itself', circle, 'inside[0]'],
  ['an Error', [new Error('a')], '[0]'],
  ['a strange object', { each: (function* () {})() }, 'each'],
  ['NaN', { n: Number.NaN }, 'n'],
  ['-Infinity', [[-Infinity]], '[0][0]'],
  ['undefined', { list: [1, undefined] }, 'list[1]'],
  ['undefined', Object.assign(new Array(1), { 1: 'a' }), '[0]'],
])('a result with %s is refused with its place', (what, given, path) => {
  const refused = () => checkResult({ name: 'mine' }, given)
  const place = path && ` at \`${path}\``
  expect(refused).toThrow(
    expect.objectContaining({
      code: 'invalid_tool_output',
      message: `the result of mine is wrong${place}: expected JSON, got ${what}`,
      place: { path },
      terminal: true,
    }),
  )
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
    code: 'invalid_tool_output',
    message: 'the result of mine is wrong at `rows[1].n`: expected a number, got a string',
    place: { path: 'rows[1].n' },
  })
  await expect(check(undefined)).rejects.toMatchObject({ code: 'invalid_tool_output', place: { path: '' } })
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
  const wrong = { code: 'invalid_tool_output', place: { path: 'rows[0].n' } }
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
      code: 'invalid_tool_output',
      message: 'the result of mine is wrong: it cannot be read: the connection is closed',
    }),
  )
})
