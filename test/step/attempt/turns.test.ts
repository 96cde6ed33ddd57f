import { expect, test } from 'vitest'
import type { StepWork } from '../../../src/pipeline/plan/compiled.ts'
import type { PipelineStepStart } from '../../../src/pipeline/plan/messages/step-order.ts'
import type { PipelineServices } from '../../../src/pipeline/step/context.ts'
import { pipelineWork } from '../../../src/pipeline/step/pipeline-work.ts'
import { kindOf } from '../../../src/pipeline/step/work-facts.ts'
import { createLatencyEstimates, recordTime } from '../../../src/step/attempt/turns.ts'
import type { Tool } from '../../../src/tool/tool.ts'
import { createToolbox } from '../../../src/tool/toolbox.ts'
import { poolsOf } from '../../worker/pools.ts'

const toolWork = (name: string, operation?: string): StepWork => ({
  type: 'tool',
  tool: name,
  ...(operation !== undefined && { operation }),
  parameters: {},
})

const tool = (name: string, operation?: string) => kindOf(toolWork(name, operation))

const GENERATE = kindOf({ type: 'text', action: 'generate', parameters: {} })
const ANALYZE = kindOf({ type: 'text', action: 'analyze', parameters: {} })

test('work that was never seen is not known to be quick', () => {
  expect(createLatencyEstimates().isFast(tool('a'))).toBe(false)
})

test('each operation of a tool, and each action of a model, has a pace of its own', () => {
  const paces = createLatencyEstimates()
  paces.record(tool('files', 'read'), 1)
  paces.record(tool('files', 'copy'), 500)
  paces.record(GENERATE, 500)
  paces.record(ANALYZE, 2)
  expect(paces.isFast(tool('files', 'read'))).toBe(true)
  expect(paces.isFast(tool('files', 'copy'))).toBe(false)
  expect(paces.isFast(tool('files'))).toBe(false)
  expect(paces.isFast(GENERATE)).toBe(false)
  expect(paces.isFast(ANALYZE)).toBe(true)
})

test('a tool is not taken for the action of a model, or for work of a kind, that is called the same', () => {
  const paces = createLatencyEstimates()
  paces.record(ANALYZE, 2)
  paces.record(kindOf({ type: 'decide', condition: 'true' }), 2)
  expect(paces.isFast(tool('analyze'))).toBe(false)
  expect(paces.isFast(tool('decide'))).toBe(false)
})

test('one slow time is remembered for a while, not forever', () => {
  const paces = createLatencyEstimates()
  paces.record(tool('a'), 100)
  paces.record(tool('a'), 0)
  expect(paces.isFast(tool('a'))).toBe(false)
  for (let n = 0; n < 20; n++) paces.record(tool('a'), 0)
  expect(paces.isFast(tool('a'))).toBe(true)
})

test('a tool that a resource limits is never known to be quick: it may wait, and what shares its turn would wait with it', async () => {
  const pools = poolsOf({}, { resources: { api: { perMinute: 9, tools: ['files:read'] } } })
  const { pool } = pools.find({ phase: 'step', modality: 'text' })
  const toolbox = createToolbox(
    ['files:read', 'files:copy'].map((name) => ({ name, execute: () => null }) as unknown as Tool),
  )
  const latency = createLatencyEstimates()
  const steps = { read: { work: toolWork('files', 'read') }, copy: { work: toolWork('files', 'copy') } }
  const services = { pool, toolbox, values: { get: async () => ({ steps }) } } as unknown as PipelineServices
  const order = { pipeline: 'hash', inputs: { inline: {} }, reads: {} }
  const work = pipelineWork(services)
  for (const step of ['read', 'copy']) {
    const start = { step, work: { type: 'pipeline', order } } as unknown as PipelineStepStart
    recordTime(latency, await work.open(start).factsOf(start), 1)
  }
  expect([latency.isFast(tool('files', 'read')), latency.isFast(tool('files', 'copy'))]).toEqual([false, true])
})
