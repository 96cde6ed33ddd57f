import { expect, test } from 'vitest'
import type { Json } from '../../src/kernel/schema.ts'
import { shortEvent, wholeEvent } from '../../src/pipeline/short-event.ts'
import { fc } from '../property.ts'

const start = { type: 'step-start', step: 's' }
const end = { type: 'step-end', step: 's', status: 'completed', attempts: 1, ms: 7 }

test('that a step begins, and that it ends well at its first attempt, is written in short and read as it was', () => {
  expect([start, end].map(shortEvent)).toEqual([['s'], ['s', 7]])
  expect(JSON.stringify([start, end].map(shortEvent).map(wholeEvent))).toBe(JSON.stringify([start, end]))
})

test.each<[Json]>([
  [{ ...start, run: 'r' }],
  [{ ...end, status: 'failed' }],
  [{ ...end, status: 'skipped', attempts: 0 }],
  [{ ...end, attempts: 2 }],
  [{ ...end, degraded: true }],
  [{ type: 'step-end', step: 's', status: 'completed', attempts: 1 }],
  [{ type: 'run-end', status: 'completed' }],
  [{ type: 'step-start', run: 'r' }],
  [{ type: 'step-end', step: 's', status: 'completed', attempts: 1, run: 'r' }],
])('what is more than that stays as it is: %j', (event) => {
  expect(shortEvent(event)).toBe(event)
})

test('whatever is told is read as it was', () => {
  const field = fc.constantFrom('type', 'step', 'status', 'attempts', 'ms', 'run')
  const value = fc.oneof(fc.constantFrom('step-start', 'step-end', 'completed', 'failed', 1, 2, 7), fc.string())
  const event = fc.oneof(fc.dictionary(field, value), fc.record({ type: value, step: fc.string() }))
  fc.assert(
    fc.property(fc.oneof(event, fc.constant(start), fc.constant(end)), (told) => {
      expect(wholeEvent(JSON.parse(JSON.stringify(shortEvent(told as Json))))).toEqual(told)
    }),
  )
})
