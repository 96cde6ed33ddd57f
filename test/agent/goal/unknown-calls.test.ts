import { expect, test } from 'vitest'
import { unknownText } from '../../../src/agent/goal/calls/unknown-calls.ts'
import type { RoundCall } from '../../../src/agent/protocol/rounds.ts'

const unknown = (path: string, output: string): RoundCall => ({
  ...{ id: path, name: 'save', tool: 'save', parameters: { path } },
  result: { outcome: 'unknown', output },
})

test('all calls are named, and each reason once', () => {
  const calls = [
    unknown('a', 'unknown: it broke'),
    unknown('b', 'unknown: it broke.'),
    unknown('c', 'unknown: no answer'),
  ]
  expect(unknownText(calls)).toBe(
    'unknown whether these calls were made: save {"path":"a"}, save {"path":"b"}, save {"path":"c"}. Reason: it broke; no answer.',
  )
})

test('a sentence stays short, however many calls there are', () => {
  const calls = Array.from({ length: 32 }, (_, at) => unknown(`${at}`.repeat(1000), `${at} broke`.repeat(1000)))
  const text = unknownText(calls)
  expect(text).toContain(', 24 more.')
  expect(text.length).toBeLessThan(4000)
})
