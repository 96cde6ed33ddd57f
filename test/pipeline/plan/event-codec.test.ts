import { expect, test } from 'vitest'
import { decodeEvent, encodeEndEvent, encodeStartEvent } from '../../../src/pipeline/plan/codec.ts'

test('that a step begins, and that it ends well at its first attempt, is kept in short and read with all its fields', () => {
  expect(decodeEvent(encodeStartEvent('s'))).toEqual({ type: 'step-start', step: 's' })
  expect(decodeEvent(encodeEndEvent('s', 0))).toEqual({
    ...{ type: 'step-end', step: 's', status: 'completed', attempts: 1, ms: 0 },
  })
})

test('any other event, and one that earlier code kept with all its fields, is read as it is', () => {
  for (const event of [
    { type: 'step-start', step: 's' },
    { type: 'run-end', status: 'completed' },
  ])
    expect(decodeEvent(event)).toBe(event)
})
