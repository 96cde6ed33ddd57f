import { expect, it } from 'vitest'
import { outOfMoney } from '../../src/budget/shortfall.ts'
import { problemOf, RetryableError } from '../../src/errors.ts'
import { orWait, pauseOf, waitTerms } from '../../src/work/provider-wait.ts'
import { isWait, suspensionIn } from '../../src/work/suspension.ts'
import {
  decisionWait,
  ELSEWHERE_WAIT,
  HEALTH_WAIT,
  moneyWait,
  PERSON_WAIT,
  PROVIDER_WAIT,
  readWait,
  scopeAwaited,
  signalWait,
} from '../../src/work/wait.ts'

it.each([
  [moneyWait('run/r'), { type: 'budget', name: 'run/r' }],
  [signalWait('a:\nb'), { type: 'signal', name: 'a:\nb' }],
  [decisionWait('ask_1'), { type: 'decision', name: 'ask_1' }],
  [PERSON_WAIT, { type: 'person' }],
  [PROVIDER_WAIT, { type: 'provider' }],
  [HEALTH_WAIT, { type: 'health' }],
  [ELSEWHERE_WAIT, { type: 'elsewhere' }],
  ['run/budget:x', { type: 'actor', actor: { kind: 'run', key: 'budget:x' } }],
  ['weather', undefined],
])('reads the wait %j', (waits, wait) => {
  expect(readWait({ waits })).toEqual(wait)
})

it('reads no wait where there is none', () => {
  expect([readWait({ until: 5 }), readWait(null), readWait(undefined)]).toEqual([undefined, undefined, undefined])
})

it('finds the scope of a budget only in a wait for money', () => {
  expect([moneyWait('run/r'), signalWait('budget'), 'provider:'].map(scopeAwaited)).toEqual([
    'run/r',
    undefined,
    undefined,
  ])
})

const short = outOfMoney('too little', { scope: 'run/r', amount: 5 })
const busy = new RetryableError('busy', { code: 'model_rate_limited' })
const waiting = orWait(busy, waitTerms({ of: () => 60_000, now: () => 1000 }, { id: 'p' }, {}))

it('suspends work for money and for a provider, and for nothing else', () => {
  expect([short, waiting, busy, new Error('x')].map(isWait)).toEqual([true, true, false, false])
  expect(suspensionIn(short)).toEqual({ type: 'money', shortfall: { scope: 'run/r', amount: 5 } })
  expect(suspensionIn(problemOf(waiting))).toMatchObject({ type: 'provider', next: { since: 1000, tries: 1 } })
  expect(suspensionIn(problemOf(busy))).toBeUndefined()
})

it('stores the pause until the next call, and that it is long', () => {
  const next = { since: 0, tries: 3, code: 'c', reason: 'r', at: 70_000, delay: 500 }
  expect(pauseOf(next)).toEqual({ since: 0, tries: 3, code: 'c', reason: 'r', until: 70_500, long: true })
  expect(pauseOf({ ...next, since: 69_000 }, 100)).toEqual({
    ...{ since: 69_000, tries: 3, code: 'c', reason: 'r', until: 70_100 },
  })
})

it('has no patience where none is configured', () => {
  expect(waitTerms(undefined, { id: 'p' }, {}).limit).toBe(0)
  expect(waitTerms({ of: () => 5, now: () => 0 }, { id: 'p' }, {}).limit).toBe(5)
  expect(waitTerms({ of: () => 5, now: () => 0 }, { id: 'p' }, { own: 7 }).limit).toBe(7)
})
