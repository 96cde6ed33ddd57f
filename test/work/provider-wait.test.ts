import { describe, expect, test } from 'vitest'
import { BusyError, problemOf, RetryableError, TerminalError } from '../../src/errors.ts'
import {
  isLongWait,
  isOutOfPatience,
  nextTryOf,
  orWait,
  type ProviderWait,
  waitOf,
} from '../../src/work/provider-wait.ts'

const MINUTE = 60_000
const busy = (delay?: number) =>
  new RetryableError('Model a/b failed with status 429', {
    code: 'model_rate_limited',
    ...(delay !== undefined && { delay }),
  })
const aside = (delay: number) => new BusyError('The model has failed too often.', { code: 'workers_unhealthy', delay })
const terms = (more: { readonly at?: number; readonly limit?: number; readonly wait?: ProviderWait } = {}) => ({
  ...{ limit: more.limit ?? 15 * MINUTE, now: () => more.at ?? 1000 },
  ...(more.wait && { wait: more.wait }),
})
const WAIT: ProviderWait = { since: 0, tries: 3, code: 'model_overloaded', reason: 'Model a/b failed with status 503' }

describe('a failed model call', () => {
  test('becomes a wait if the fault may pass', () => {
    const error = orWait(busy(), terms())
    expect(nextTryOf(error)).toMatchObject({ since: 1000, at: 1000, tries: 1, code: 'model_rate_limited' })
    expect(problemOf(error)).toMatchObject({ terminal: true, message: 'Model a/b failed with status 429' })
  })

  test.each<[string, Error]>([
    ['a wrong key', new TerminalError('no', { code: 'model_unauthorized' })],
    ['a refusal', new TerminalError('no', { code: 'model_filtered' })],
    ['an error of a tool', new RetryableError('no', { code: 'tool_failed' })],
    ['a full pool', new BusyError('full', { code: 'queue_full' })],
  ])('stays as it is: %s', (_, error) => {
    expect(orWait(error, terms())).toBe(error)
  })

  test('stays as it is without patience', () => {
    const error = busy()
    expect(orWait(error, terms({ limit: 0 }))).toBe(error)
  })

  test('waits as long as the provider asks, and at least a second once it has failed again', () => {
    expect(nextTryOf(orWait(busy(90_000), terms()))).toMatchObject({ delay: 90_000 })
    expect(nextTryOf(orWait(busy(1), terms({ wait: WAIT })))?.delay).toBe(1000)
  })

  test('waits ever longer, at most about a minute', () => {
    const delays = [0, 1, 2, 3, 5, 9, 30].map(
      (tries) => nextTryOf(orWait(busy(), terms({ wait: { ...WAIT, tries } })))!.delay,
    )
    expect(delays[0]).toBeLessThan(700)
    expect(delays[3]).toBeGreaterThan(delays[0]!)
    for (const delay of delays) expect(delay).toBeLessThanOrEqual(75_000)
  })

  test('ends its wait with the patience, and says so', () => {
    const problem = problemOf(orWait(busy(), terms({ wait: WAIT, at: 15 * MINUTE })))
    expect(problem).toMatchObject({
      code: 'model_rate_limited',
      terminal: true,
      hint: expect.stringContaining('patience:'),
    })
    expect(problem.message).toMatch(/^The provider was asked 4 times in 15 min, .*status 429/)
    expect(isOutOfPatience(problem)).toBe(true)
    expect(nextTryOf(orWait(busy(), terms({ wait: WAIT, at: 15 * MINUTE })))).toBeUndefined()
  })

  test('asks a last time when the patience ends', () => {
    expect(nextTryOf(orWait(busy(), terms({ wait: { ...WAIT, tries: 20 }, at: 15 * MINUTE - 5 })))?.delay).toBe(5)
  })

  test('does not wait for a pause beyond the patience', () => {
    const problem = problemOf(orWait(busy(2 * 60 * MINUTE), terms()))
    expect(problem.message).toContain('The provider asks to wait 2 h')
    expect(isOutOfPatience(problem)).toBe(true)
  })

  test('keeps its reason while the model is left alone, and counts only calls', () => {
    const error = orWait(aside(2000), terms({ wait: WAIT }))
    expect(nextTryOf(error)).toMatchObject({ tries: 3, code: 'model_overloaded', reason: WAIT.reason, delay: 2000 })
    expect(problemOf(error).message).toBe(
      'The model has failed too often. The reason: Model a/b failed with status 503',
    )
    const over = problemOf(orWait(aside(30_000), terms({ wait: WAIT, at: 15 * MINUTE - 5 })))
    expect(over).toMatchObject({ code: 'model_overloaded', message: expect.stringContaining('status 503') })
  })

  test('stores its reason and its hint without secrets', () => {
    const error = new RetryableError('key sk-1 is busy', { code: 'model_overloaded', hint: 'use sk-1' })
    const hide = (text: string) => text.replaceAll('sk-1', '…')
    expect(waitOf(nextTryOf(orWait(error, { ...terms(), hide }))!)).toEqual({
      ...{ since: 1000, tries: 1, code: 'model_overloaded' },
      ...{ reason: 'key … is busy', hint: 'use …' },
    })
  })

  test('is a long wait from a minute on', () => {
    const at = (delay: number) => ({ ...WAIT, since: 0, at: 10_000, delay })
    expect([isLongWait(at(49_999)), isLongWait(at(50_000))]).toEqual([false, true])
  })
})
