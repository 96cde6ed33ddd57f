import { expect, test } from 'vitest'
import type { CompiledPipeline } from '../../../src/pipeline/plan/compiled.ts'
import type { PipelineStepStart } from '../../../src/pipeline/plan/messages/step-order.ts'
import type { PipelineServices } from '../../../src/pipeline/step/context.ts'
import { pipelineWork } from '../../../src/pipeline/step/pipeline-work.ts'
import { kindOf } from '../../../src/pipeline/step/work-facts.ts'
import { createMovedCalls } from '../../../src/step/attempt/moved-calls.ts'
import { createLatencyEstimates, isInlinable } from '../../../src/step/attempt/turns.ts'
import { createToolbox } from '../../../src/tool/toolbox.ts'
import { graphOf } from '../../pipeline/graph.ts'

const toolOf = (name: string) => ({ type: 'tool', tool: name, parameters: {} }) as const
const graph = graphOf({ quick: {}, slow: {}, new: {} })
const steps = Object.entries(graph.steps).map(([id, step]) => [id, { ...step, work: toolOf(id) }])
const pipeline: CompiledPipeline = { ...graph, steps: Object.fromEntries(steps) }
const services = { values: { get: async () => pipeline }, toolbox: createToolbox([]) } as unknown as PipelineServices
const paces = createLatencyEstimates()
paces.record(kindOf(toolOf('quick')), 2)
paces.record(kindOf(toolOf('slow')), 200)

test.each<[is: boolean, step: string, batch: PipelineStepStart['batch']]>([
  [true, 'quick', { exclusive: true }],
  [false, 'quick', {}],
  [false, 'slow', { exclusive: true }],
  [false, 'new', { exclusive: true }],
  [false, 'none', { exclusive: true }],
])('said to be brief: %s, of %s with %o', async (is, step, batch) => {
  const work = { type: 'pipeline', order: { pipeline: 'hash' } }
  const start = { type: 'start', work, run: {}, step, policy: {}, batch } as PipelineStepStart
  expect(
    await isInlinable(
      { services, latency: paces, works: { pipeline: pipelineWork(services) }, moved: createMovedCalls() },
      start,
    ),
  ).toBe(is)
})
