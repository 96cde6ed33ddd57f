import { describe, expect, it } from 'vitest'
import { backoff, defaultDirective, directiveOf, retryUpTo, withDirective } from '../../src/kernel/attempt/supervise.ts'
import type { Failure } from '../../src/kernel/types.ts'
import { fc } from '../property.ts'
import { envelope } from './fixtures.ts'

const PROBLEM = { code: 'internal', name: 'Error', message: 'not yet' }
const failure = (more: Partial<Failure> = {}): Failure => ({
  effect: 'work',
  class: 'idempotent',
  problem: PROBLEM,
  attempt: 1,
  elapsed: 0,
  state: null,
  message: envelope(),
  ...more,
})

describe('defaultDirective', () => {
  it.each<[string, Partial<Failure>, string]>([
    ['a first failure', {}, 'retry'],
    ['a fifth failure', { attempt: 5 }, 'retry'],
    ['a sixth failure', { attempt: 6 }, 'fail'],
    ['a terminal problem', { problem: { ...PROBLEM, terminal: true } }, 'fail'],
    ['an at-most-once effect', { class: 'at-most-once' }, 'fail'],
    ['a busy pool, however often', { attempt: 60, problem: { ...PROBLEM, code: 'busy' } }, 'retry'],
    [
      'a busy pool for an at-most-once effect',
      { class: 'at-most-once', problem: { ...PROBLEM, code: 'busy' } },
      'retry',
    ],
    ['a busy pool for too long', { elapsed: 119_990, problem: { ...PROBLEM, code: 'busy' } }, 'fail'],
    ['a failure after two minutes', { elapsed: 120_000 }, 'fail'],
    ['a pause that would end after two minutes', { problem: { ...PROBLEM, delay: 120_001 } }, 'fail'],
  ])('%s', (_title, more, type) => {
    expect(defaultDirective(failure(more)).type).toBe(type)
  })
})

describe('retryUpTo', () => {
  it('makes that many attempts in all', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 8 }), fc.integer({ min: 1, max: 10 }), (attempts, attempt) => {
        expect(retryUpTo(attempts)(failure({ attempt })).type).toBe(attempt < attempts ? 'retry' : 'fail')
      }),
    )
  })
})

describe('backoff', () => {
  it('is the delay of the problem', () => {
    expect(backoff(failure({ problem: { ...PROBLEM, delay: 7 } }))).toBe(7)
    expect(backoff(failure({ problem: { ...PROBLEM, delay: 0 } }))).toBe(0)
  })

  it('doubles up to half a minute, spread by at most a quarter, for any id', () => {
    fc.assert(
      fc.property(fc.string(), fc.integer({ min: 1, max: 2_000 }), (id, attempt) => {
        const base = Math.min(30_000, 200 * 2 ** (attempt - 1))
        const delay = backoff(failure({ attempt, message: envelope({ id }) }))
        expect(delay).toBeGreaterThanOrEqual(base)
        expect(delay).toBeLessThanOrEqual(base * 1.25)
        expect(backoff(failure({ attempt, message: envelope({ id }) }))).toBe(delay)
      }),
    )
  })
})

describe('directiveOf', () => {
  it('is the directive on the error, else fail', () => {
    expect(directiveOf(withDirective(new Error('broken'), { type: 'reset' }))).toEqual({ type: 'reset' })
    for (const error of [new Error('a bug'), 'text', null, undefined])
      expect(directiveOf(error)).toEqual({ type: 'fail' })
  })
})
