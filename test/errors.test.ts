import { describe, expect, test } from 'vitest'
import { problemOf, RetryableError } from '../src/errors.ts'

const UNNAMED = { code: 'internal', name: 'Error' }
const sealed = new Proxy(
  {},
  {
    get() {
      throw new Error('not this way')
    },
  },
)

describe('problemOf', () => {
  test.each([
    ['a text', 'a text'],
    [undefined, 'undefined'],
    [Symbol('odd'), 'Symbol(odd)'],
    [{ message: 'what a library throws', code: 'PGRST116' }, 'what a library throws'],
    [Object.create(null), 'the thrown value cannot be read'],
    [sealed, 'the thrown value cannot be read'],
  ])('describes a thrown value that is not an error: %#', (thrown, message) => {
    expect(problemOf(thrown)).toEqual({ ...UNNAMED, message })
  })

  test('is data, whatever name, message and delay the error has', () => {
    const odd = Object.assign(new Error('x'), { name: 5, message: { a: 1 }, code: 7, hint: 8, delay: Number.NaN })
    expect(problemOf(odd)).toEqual({
      code: 'internal',
      name: '5',
      message: '[object Object]',
      details: { fields: { code: 7, hint: 8 } },
      at: expect.stringMatching(/errors\.test\.ts:\d+:\d+$/),
      stack: expect.stringContaining('errors.test.ts:'),
    })
    expect(problemOf(new RetryableError('later', { code: 'away', delay: 5 }))).toEqual({
      code: 'away',
      name: 'RetryableError',
      message: 'later',
      delay: 5,
      at: expect.stringMatching(/errors\.test\.ts:\d+:\d+$/),
      stack: expect.stringContaining('errors.test.ts:'),
    })
  })

  test('cuts a long message', () => {
    const long = 'x'.repeat(9_000)
    for (const thrown of [long, new Error(long)]) expect(problemOf(thrown).message).toMatch(/^x{8192}… \(cut\)$/)
  })
})
