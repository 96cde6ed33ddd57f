import { runInNewContext } from 'node:vm'
import { expect, it } from 'vitest'
import { errorOf, InvalidError, is, type Problem, problemOf, redactProblem, TerminalError } from '../../src/errors.ts'
import { causeLines } from '../../src/lib/stack.ts'
import { ToolFailure } from '../../src/tool/tool.ts'

const coded = (message: string, fields: object, cause?: unknown) =>
  Object.assign(new Error(message, cause === undefined ? undefined : { cause }), fields)
const stored = (thrown: unknown) => JSON.parse(JSON.stringify(problemOf(thrown))) as Problem
const detailsOf = (thrown: unknown) => stored(thrown).details

class OutOfStock extends Error {
  override readonly name = 'OutOfStock'
  readonly sku = 'lamp'
  readonly left = { north: 0, south: [1, null] }
  readonly made = new Date(0)
  readonly order = () => 1
  readonly absent = undefined
}

/** Errors, and what is kept of each beside its message. */
const KEPT: readonly (readonly [what: string, thrown: () => unknown, details: unknown])[] = [
  ['nothing', () => new Error('x'), undefined],
  [
    'a cause with its code and fields',
    () => new Error('x', { cause: coded('refused', { code: 'ECONNREFUSED', port: 9 }) }),
    { cause: { name: 'Error', message: 'refused', code: 'ECONNREFUSED', fields: { port: 9 } } },
  ],
  ['a cause that is a text', () => new Error('x', { cause: 'no stock' }), { cause: { value: 'no stock' } }],
  ['a cause that is a map', () => new Error('x', { cause: { code: 5 } }), { cause: { value: { code: 5 } } }],
  ['a cause that is nothing', () => new Error('x', { cause: null }), undefined],
  [
    'a cause that is neither an error nor JSON',
    () => new Error('x', { cause: new Map() }),
    { cause: { value: '[object Map]' } },
  ],
  [
    'an error of another realm',
    () => runInNewContext(`Object.assign(new TypeError('x', { cause: new RangeError('y') }), { a: [1] })`),
    { cause: { name: 'RangeError', message: 'y' }, fields: { a: [1] } },
  ],
  [
    'the errors of an AggregateError',
    () => new AggregateError([coded('a', { code: 'A' }, new Error('b')), 'text', undefined], 'x'),
    {
      errors: [{ name: 'Error', message: 'a', code: 'A', cause: { name: 'Error', message: 'b' } }, { value: 'text' }],
    },
  ],
  [
    'own fields that are JSON',
    () => new OutOfStock('x'),
    { fields: { sku: 'lamp', left: { north: 0, south: [1, null] } } },
  ],
  ['a code that is a number', () => coded('x', { code: 11000 }), { fields: { code: 11000 } }],
  ['a field that its problem has', () => coded('x', { hint: 'h', delay: 5, data: { a: 1 }, code: 'C' }), undefined],
  ['data that is more than facts', () => coded('x', { data: { a: [1] } }), { fields: { data: { a: [1] } } }],
  ['what a family has for itself', () => new InvalidError('x', { place: { path: 'a' } }), undefined],
  ['the result of a failure', () => new ToolFailure('x', { result: { a: 1 } }), undefined],
  [
    'fields of a subclass of ours',
    () => Object.assign(new TerminalError('x', { cause: new TerminalError('y') }), { sku: 'lamp' }),
    { cause: { name: 'TerminalError', message: 'y', code: 'internal' }, fields: { sku: 'lamp' } },
  ],
  [
    'a field that throws when it is read, and one that is hidden',
    () => Object.defineProperties(coded('x', { a: 1 }), { b: { get: () => { throw new Error('no') }, enumerable: true }, c: { value: 1 } }), // biome-ignore format: one line
    { fields: { a: 1 } },
  ],
]

it.each(KEPT)('an error keeps %s', (_, thrown, details) => {
  expect(detailsOf(thrown())).toEqual(details)
})

it.each(KEPT)('an error that is built again has %s, and the same problem', (_, thrown) => {
  const problem = stored(thrown())
  const again = errorOf(problem)
  expect(stored(again)).toEqual(problem)
  expect(stored(errorOf(stored(again)))).toEqual(problem)
  // a stranger that wraps it reads the same
  const { cause } = stored(new Error('wrap', { cause: again })).details!
  expect(cause).toMatchObject({ name: problem.name, message: 'x', ...problem.details })
})

it('an error that is built again is read like the first one', () => {
  const first = new Error('query failed', {
    cause: coded('refused', { code: 'ECONNREFUSED', port: 9 }, new RangeError('deep')),
  })
  const again = errorOf(stored(Object.assign(first, { sku: 'lamp', code: 'E_QUERY' }))) as unknown as typeof first & {
    sku: string
  }
  expect(again).toMatchObject({ message: 'query failed', code: 'E_QUERY', sku: 'lamp' })
  expect(again.cause).toBeInstanceOf(Error)
  expect(again.cause).toMatchObject({ name: 'Error', message: 'refused', code: 'ECONNREFUSED', port: 9 })
  expect((again.cause as Error).cause).toMatchObject({ name: 'RangeError', message: 'deep' })
  expect((again.cause as Error).stack).toBe('Error: refused')
  expect(Object.keys(again)).not.toContain('cause')
  const joined = errorOf(stored(new AggregateError([new TypeError('a'), 5], 'all'))) as unknown as AggregateError
  expect(joined).toMatchObject({ name: 'AggregateError', errors: [{ name: 'TypeError', message: 'a' }, 5] })
})

it('fields that a program adds to a caught error are kept, and a cause that it puts there is not', () => {
  const caught = errorOf(stored(new Error('x', { cause: new Error('refused') })))
  const { details } = stored(Object.assign(caught, { order: 7, cause: new Error('with a text that nobody redacted') }))
  expect(details).toEqual({ cause: { name: 'Error', message: 'refused' }, fields: { order: 7 } })
})

it('causes are kept five deep, and a circle ends where it begins', () => {
  const deep = Array.from({ length: 9 }).reduce<Error>((cause, _, n) => new Error(`${n}`, { cause }), new Error('end'))
  const chain: string[] = []
  for (let { cause } = stored(deep).details!; cause; { cause } = cause as never) chain.push(String(cause.message))
  expect(chain).toEqual(['7', '6', '5', '4', '3'])
  const [one, two] = [new Error('one'), new Error('two')]
  Object.assign(one, { cause: two })
  Object.assign(two, { cause: one })
  expect(detailsOf(one)).toEqual({ cause: { name: 'Error', message: 'two' } })
  const all = new AggregateError([one], 'all')
  Object.assign(two, { cause: all })
  expect(detailsOf(all)).toEqual({
    errors: [{ name: 'Error', message: 'one', cause: { name: 'Error', message: 'two' } }],
  })
})

const long = 'x'.repeat(3000)
const wide = (depth: number): Error =>
  depth === 0
    ? new Error(long)
    : new AggregateError(
        Array.from({ length: 100 }, () => wide(depth - 1)),
        long,
      )

it.each<[what: string, thrown: () => unknown]>([
  ['long messages', () => new Error(long, { cause: new Error(long, { cause: new Error(long) }) })],
  [
    'a hundred errors',
    () =>
      new AggregateError(
        Array.from({ length: 100 }, (_, n) => coded(long, { n })),
        'x',
      ),
  ],
  ['errors of errors', () => wide(2)],
  ['a field of a megabyte', () => coded('x', { a: 'x'.repeat(1e6), b: 1 })],
  ['ten thousand fields', () => coded('x', Object.fromEntries(Array.from({ length: 10_000 }, (_, n) => [`f${n}`, n])))],
  ['a list without an end', () => coded('x', { a: Array.from({ length: 1e6 }, () => 1), b: 1 })],
  [
    'causes with large fields',
    () => coded('x', { a: long }, coded('y', { a: long }, coded('z', { a: long }, coded('q', { a: long })))),
  ],
  [
    'texts that JSON makes longer',
    () => coded('\u0000'.repeat(3000), { a: '\u0000'.repeat(3000) }, coded('\u0001'.repeat(3000), {})),
  ],
  ['a long name and a long code', () => coded('x', { name: long, code: long }, coded('y', { name: long, code: long }))],
  ['a value that contains itself', () => { const a: unknown[] = []; a.push(a); return coded('x', { a, b: 1 }, { a }) }], // biome-ignore format: one line
  ['facts of a foreign error that are too large', () => coded('x', { data: { a: 'x'.repeat(1e6) } })],
])('%s are bounded', (_, thrown) => {
  const { name, code, details } = stored(thrown())
  expect(name.length + code.length).toBeLessThanOrEqual(402)
  const { cause, errors } = details ?? {}
  expect(JSON.stringify({ cause, errors }).length).toBeLessThan(8.5 * 1024)
  expect(JSON.stringify(details?.fields ?? {}).length).toBeLessThanOrEqual(4096)
  expect(JSON.stringify(stored(thrown()).data ?? {}).length).toBeLessThanOrEqual(4096)
})

it('a field too large leaves room for the others', () => {
  expect(detailsOf(coded('x', { a: 'x'.repeat(5000), b: 'y'.repeat(3000), c: 'z'.repeat(3000), d: 1 }))).toEqual({
    fields: { b: 'y'.repeat(3000), d: 1 },
  })
})

it('an error whose fields all throw still has its message', () => {
  const throwing = { get: () => { throw new Error('no') } } // biome-ignore format: one line
  const error = Object.defineProperties(new Error('the message'), {
    cause: throwing,
    errors: throwing,
    code: throwing,
    name: throwing,
    stack: throwing,
  })
  expect(problemOf(error)).toEqual({ code: 'internal', name: '', message: 'the message' })
})

it('secrets are cut from causes, errors, fields and facts, in values and in names', () => {
  const secret = 'hunter-2-hunter'
  const within = `before ${secret} after`
  const inner = coded(within, { code: secret, [secret]: [{ [within]: within }] }, { text: within })
  const thrown = Object.assign(new AggregateError([inner, within], within), {
    cause: inner,
    own: { a: within },
    data: { b: within },
  })
  const problem = stored(thrown)
  expect(JSON.stringify(problem).split(secret).length).toBeGreaterThan(12)
  const safe = redactProblem(problem, (text) => text.replaceAll(secret, '[redacted]'))
  expect(JSON.stringify(safe)).not.toContain(secret)
  expect(safe.details!.cause).toEqual({
    name: 'Error',
    message: 'before [redacted] after',
    code: '[redacted]',
    cause: { value: { text: 'before [redacted] after' } },
    fields: { '[redacted]': [{ 'before [redacted] after': 'before [redacted] after' }] },
  })
  const again = errorOf(safe)
  expect(is(again)).toBe(true)
  expect(JSON.stringify(stored(again))).not.toContain(secret)
})

it('a stack says the causes in words, also without frames of a program', async () => {
  const foreign = Object.assign(
    new TypeError('fetch failed', {
      cause: coded('', {
        name: 'AggregateError',
        code: 'ECONNREFUSED',
        errors: [coded('connect ECONNREFUSED ::1:9', { code: 'ECONNREFUSED' })],
      }),
    }),
    { stack: '' },
  )
  expect(problemOf(foreign).stack).toMatch(
    /^caused by AggregateError: \(ECONNREFUSED\)\n(?:at .*\n)+caused by Error: connect ECONNREFUSED ::1:9\n/,
  )
  expect(causeLines(problemOf(foreign).stack)).toHaveLength(2)
  const fault = await fetch('http://127.0.0.1:9/').catch((error: unknown) => error)
  expect(causeLines(stored(fault).stack)).toEqual(['caused by Error: bad port'])
})
