import { expect, test } from 'vitest'
import type { Json } from '../../../src/kernel/schema.ts'
import { isSameOutcome } from '../../../src/pipeline/step/reuse.ts'
import type { EndedStep } from '../../../src/step/record/outcome.ts'
import { memoryValues } from '../workshop.ts'

type Value = { readonly [field: string]: Json }

const part = (value: Value) => ({ status: 'completed', result: { inline: value } }) as unknown as EndedStep
const compare = (now: Value, before: Value) =>
  isSameOutcome(memoryValues(), { ...part(now), attempts: 1, ms: 1 } as never, part(before))

/** A step that took so long. */
const step = (result: Json, duration: number): Value => ({ status: 'completed', result, duration })

const LOOPS: readonly (readonly [kind: string, result: (row: Value, took: number) => Value])[] = [
  ['for_each', (one) => ({ iterations: 1, results: [{ one }] })],
  ['foreach', (one) => ({ iterations: 1, results: [one, null] })],
  ['while', (one) => ({ iterations: 1, results: [{ one }], status: 'completed' })],
  [
    'action_loop',
    (one, took) => ({
      total_duration: took,
      all_results: [{ iteration: 0, duration: took, results: { one } }],
      final_results: { one },
    }),
  ],
  ['queue', (one) => ({ results: [{ queue_index: 0, item: { duration: 1 }, result: one, status: 'completed' }] })],
  ['queue', (one) => ({ results: [{ queue_index: 0, item: 'a', result: { one, two: one }, status: 'completed' }] })],
]

test('how long a step took does not count', async () => {
  expect(await compare(step('x', 1), step('x', 2))).toBe(true)
  expect(await compare(step('x', 1), step('y', 1))).toBe(false)
  const command = (time: number) => step({ stdout: 'x', execution_time: time }, time)
  expect(await compare(command(1), command(2))).toBe(true)
  const response = (elapsed: number) => step({ status_code: 200, response: 'x', elapsed }, elapsed)
  expect(await compare(response(1), response(2))).toBe(true)
})

test('data that is called so does', async () => {
  expect(await compare(step({ duration: 30 }, 1), step({ duration: 45 }, 1))).toBe(false)
  expect(await compare(step({ elapsed: 30 }, 1), step({ elapsed: 45 }, 1))).toBe(false)
  expect(await compare(step([{ execution_time: 30 }], 1), step([{ execution_time: 45 }], 1))).toBe(false)
})

test.each(LOOPS)('nor how long the steps of a loop took: %s', async (loop, result) => {
  const at = (took: number, said: Json): Value => ({ ...step(result(step(said, took), took), took), loop })
  expect(await compare(at(1, 'x'), at(2, 'x'))).toBe(true)
  expect(await compare(at(1, 'x'), at(1, 'y'))).toBe(false)
  expect(await compare(at(1, { duration: 1 }), at(1, { duration: 2 }))).toBe(false)
})

test('a repeated step does', async () => {
  const over = (duration: number): Value => ({
    ...step({ results: [{ queue_index: 0, item: { duration }, result: step('x', 1), status: 'completed' }] }, 1),
    loop: 'queue',
  })
  expect(await compare(over(1), over(2))).toBe(false)
})
