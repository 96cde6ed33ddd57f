import { expect, test } from 'vitest'
import type { Effects } from '../../src/kernel/types.ts'
import type { StepStart } from '../../src/pipeline/messages.ts'
import { walk } from '../../src/pipeline/walk.ts'
import type { PipelineServices } from '../../src/pipeline/work/job.ts'
import { createPaces } from '../../src/pipeline/work/pace.ts'

const start: StepStart = {
  type: 'start',
  pipeline: 'hash',
  run: { id: 'r', startedAt: 0 },
  step: 'one',
  inputs: { inline: {} },
  reads: {},
  attempts: 3,
  effect: 'idempotent',
}

test('a step whose end was journaled before there were segments tells it as it is', async () => {
  const end = { type: 'step-end', step: 'one', status: 'completed', attempts: 1, ms: 3, key: 'm/execute' }
  const effects = { message: { id: 'm' }, run: async () => end } as unknown as Effects
  const pipeline = { steps: { one: { id: 'one', work: { type: 'tool', tool: 'echo', parameters: {} } } } }
  const services = { values: { get: async () => pipeline } } as unknown as PipelineServices
  const hands = { services, paces: createPaces() }
  expect(await walk(hands, start, effects)).toEqual({ reply: end, stop: true })
})
