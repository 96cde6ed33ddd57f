import { expect, test } from 'vitest'
import type { Json } from '../../../src/kernel/schema.ts'
import type { Effects } from '../../../src/kernel/types.ts'
import type { PipelineStepStart } from '../../../src/pipeline/plan/messages/step-order.ts'
import type { PipelineServices } from '../../../src/pipeline/step/context.ts'
import { pipelineWork } from '../../../src/pipeline/step/pipeline-work.ts'
import { createMovedCalls } from '../../../src/step/attempt/moved-calls.ts'
import { createLatencyEstimates } from '../../../src/step/attempt/turns.ts'
import { runSequence } from '../../../src/step/batch/sequence.ts'
import { createToolbox } from '../../../src/tool/toolbox.ts'

const start: PipelineStepStart = {
  type: 'start',
  work: { type: 'pipeline', order: { pipeline: 'hash', inputs: { inline: {} }, reads: {} } },
  run: { id: 'r', startedAt: 0 },
  step: 'one',
  policy: { attempts: 3, effect: 'idempotent' },
  batch: {},
}

test('a turn that is replayed reports the journaled ends and continues where it did', async () => {
  const value = { status: 'completed', result: 1, parameters: {}, duration: 3 }
  const end = { status: 'completed', attempts: 1, ms: 3, result: { inline: value } }
  const journal: { readonly [name: string]: Json } = { execute: { end, next: 'two' }, 'execute:two': [1, {}, 3] }
  const effects = { message: { id: 'm' }, run: async (name: string) => journal[name] } as unknown as Effects
  const step = (id: string) => ({
    id,
    work: { type: 'tool', tool: 'echo', parameters: {} },
    policy: { effect: 'pure' },
  })
  const values = { get: async () => ({ steps: { one: step('one'), two: step('two') } }) }
  const services = { values, toolbox: createToolbox([]) } as unknown as PipelineServices
  const turns = {
    services,
    works: { pipeline: pipelineWork(services) },
    latency: createLatencyEstimates(),
    moved: createMovedCalls(),
  }
  const ends = [
    ['one', 1, {}, 3, 'm/execute'],
    ['two', 1, {}, 3, 'm/execute:two'],
  ]
  expect(await runSequence(turns, start, effects)).toEqual({
    reply: { type: 'batch-end', mode: 'sequence', ends },
    stop: true,
  })
})

test('a step whose work this process does not know waits for a program that does', async () => {
  const turns = {
    services: {} as PipelineServices,
    works: {},
    latency: createLatencyEstimates(),
    moved: createMovedCalls(),
  }
  const message = { id: 'm', createdAt: 7, replyTo: { kind: 'run', key: 'r' }, correlationId: 'r' }
  const effects = { message, self: { kind: 'step', key: 'r.one' }, now: async () => 7 } as unknown as Effects
  const { state, parts, stop } = await runSequence(turns, start, effects)
  expect(stop).toBeUndefined()
  expect(parts).toEqual({ start })
  expect(state?.suspended?.codeWait?.title).toMatch(/^This process does not know the work pipeline of steps\./)
})
