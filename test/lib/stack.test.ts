import { expect, test } from 'vitest'
import { errorOf, problemOf, RetryableError } from '../../src/errors.ts'
import { firstFrame, userStack } from '../../src/lib/stack.ts'

const ROOT = new URL('../..', import.meta.url).pathname
const ours = `    at runTool (${ROOT}src/step/call/tool-call.ts:9:9)`
const said = (message: string, ...frames: readonly string[]) => ({
  message,
  stack: [`Error: ${message}`, ...frames].join('\n'),
})

test('a stack holds the frames of the user, without ours, those of Node and the message', () => {
  const error = said(
    'the secret is s3cret\n    at s3cret (/app/s3cret.ts:1:1)',
    '    at inner (file:///app/a%20b/tool.ts?token=s3cret:3:7)',
    '    at JSON.parse (<anonymous>)',
    '    at async Object.execute (/app/tool.ts:12:3)',
    ours,
    '    at process.processTicksAndRejections (node:internal/process/task_queues:105:5)',
    '    at main (/app/main.ts:1:1)',
  )
  expect(userStack(error)).toBe('at inner (/app/a b/tool.ts:3:7)\nat async Object.execute (/app/tool.ts:12:3)')
  expect(firstFrame(userStack(error))).toEqual({ file: '/app/a b/tool.ts', line: 3, column: 7 })
})

test('an error of our own has none, though code of the user waits for it', () => {
  expect(userStack(said('x', ours))).toBeUndefined()
  expect(userStack(said('x', ours, '    at async main (/app/main.ts:1:1)'))).toBeUndefined()
  expect(userStack(said('x', '    at post (/app/node_modules/sdk/x.js:1:1)', ours))).toBeUndefined()
  expect(userStack(said('x', ours, '    at act (/app/tool.ts:1:1)', ours))).toBe('at act (/app/tool.ts:1:1)')
})

test('frames of the program come first, then those of its packages, then the causes', () => {
  const cause = Object.assign(new Error('refused\nby the server'), {
    stack: 'Error: refused\n    at dial (/app/net.ts:2:2)',
  })
  const error = {
    ...said('x', '    at send (/app/node_modules/sdk/x.js:1:1)', '    at act (/app/tool.ts:1:1)', ours),
    cause,
  }
  const lines = ['at act (/app/tool.ts:1:1)', 'at send (/app/node_modules/sdk/x.js:1:1)']
  expect(userStack(error)).toBe(
    [...lines, 'caused by Error: refused by the server', 'at dial (/app/net.ts:2:2)'].join('\n'),
  )
  expect(problemOf(Object.assign(new Error('x'), error)).at).toBe('/app/tool.ts:1:1')
  const endless = said('x', '    at act (/app/tool.ts:1:1)')
  const loop = Object.assign(new Error('again'), { stack: '' })
  const circle = Object.assign(endless, { cause: Object.assign(loop, { cause: loop }) })
  expect(userStack(circle)).toBe('at act (/app/tool.ts:1:1)\ncaused by Error: again')
})

test('a stack is bounded and holds no control characters', () => {
  const deep = Array.from({ length: 99 }, (_, at) => `    at \u001b[31mdeep${at} (/app/${'x'.repeat(150)}.ts:${at}:1)`)
  const stack = userStack(said('x', ...deep))!
  expect(stack.length).toBeLessThanOrEqual(8192)
  expect(stack.split('\n').length).toBeGreaterThan(20)
  expect(stack).toMatch(/:\d+:1\)$/)
  expect(stack).not.toContain('\u001b')
})

test('a problem that is thrown again keeps where it was thrown first', () => {
  const problem = problemOf(new RetryableError('here'))
  expect(problem.stack).toContain('stack.test.ts:')
  expect(problemOf(errorOf(problem))).toEqual(problem)
  expect(errorOf(problem).stack).toContain(problem.stack!.split('\n')[0])
  const without = { code: 'x', name: 'Error', message: 'x' }
  expect(problemOf(errorOf(without))).toEqual(without)
})

test.each([
  ['a ReferenceError', new ReferenceError('x is not defined'), true],
  ['a SyntaxError', new SyntaxError('unexpected'), true],
  ['a TypeError', new TypeError('x is not a function'), true],
  [
    'a TypeError with a cause, as fetch throws it',
    new TypeError('fetch failed', { cause: new Error('ECONNREFUSED') }),
    undefined,
  ],
  ['an Error', new Error('x'), undefined],
])('%s is a programming error or not', (_, error, bug) => {
  expect(problemOf(error).bug).toBe(bug)
  expect(problemOf(errorOf(problemOf(error))).bug).toBe(bug)
})
