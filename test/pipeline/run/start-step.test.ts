import { describe, expect, test } from 'vitest'
import type { Json } from '../../../src/kernel/schema.ts'
import type { StepToStart } from '../../../src/pipeline/graph/draft.ts'
import type { CompiledPipeline } from '../../../src/pipeline/plan/compiled.ts'
import type { PipelineStepStart } from '../../../src/pipeline/plan/messages/step-order.ts'
import { createPartReader } from '../../../src/pipeline/plan/part-reader.ts'
import { NEW_RUN } from '../../../src/pipeline/plan/run-state.ts'
import { INLINE_READ_LIMITS, startReadSet } from '../../../src/pipeline/run/start-reads.ts'
import { stepStartMessage } from '../../../src/pipeline/run/start-step.ts'
import { graphOf } from '../graph.ts'

const run = { ...NEW_RUN, status: 'running', pipeline: 'hash', startedAt: 5 } as const
const self = { kind: 'run', key: 'r' }

/** The graph with what its steps read. */
function readingIn(graph: CompiledPipeline, reads: { readonly [node: string]: readonly string[] }): CompiledPipeline {
  const reading = Object.entries(reads).map(([node, names]) => {
    const step = graph.steps[node]!
    return [node, { ...step, edges: { ...step.edges, reads: names } }]
  })
  return { ...graph, steps: { ...graph.steps, ...Object.fromEntries(reading) } }
}

const INPUTS = { start: { inputs: { inline: {} } } }
const done = (result: Json): Json => ({ status: 'completed', attempts: 1, ms: 1, result, key: 'k', order: 0 })
const read = (value: Json) => ({ status: 'completed', result: { inline: value } })

async function messageFor(pipeline: CompiledPipeline, start: StepToStart, stored: { readonly [name: string]: Json }) {
  const parts = await createPartReader({ part: async (name) => stored[name] })(startReadSet(pipeline, [start]), {})
  return stepStartMessage(pipeline, run, start, self, parts)
}

async function startMessageFor(count: number, result: Json): Promise<PipelineStepStart> {
  const ids = Array.from({ length: count }, (_, n) => `s${n}`)
  const graph = graphOf({ last: {}, ...Object.fromEntries(ids.map((id) => [id, {}])) })
  const steps = Object.fromEntries(ids.map((id) => [`step/${id}`, done(result)]))
  const { body, to, replyTo } = await messageFor(
    readingIn(graph, { last: ids }),
    { id: 'last' },
    { ...INPUTS, ...steps },
  )
  expect({ to, replyTo }).toEqual({ to: { kind: 'step', key: 'r.last' }, replyTo: self })
  return body as unknown as PipelineStepStart
}

describe('the message that starts a step', () => {
  test('carries references to what the step reads', async () => {
    const reads = { s0: read(1), s1: read(1) }
    expect(await startMessageFor(2, { inline: 1 })).toEqual({
      type: 'start',
      work: { type: 'pipeline', order: { pipeline: 'hash', inputs: { inline: {} }, reads } },
      run: { id: 'r', startedAt: 5 },
      step: 'last',
      policy: { attempts: 1, effect: 'pure' },
      batch: {},
    })
  })

  test('leaves reading to the step when it is too much, which then waits until all that is durable', async () => {
    expect(await startMessageFor(INLINE_READ_LIMITS.count + 1, { inline: 1 })).toMatchObject({
      work: { order: { reads: 'parts' } },
      policy: { effect: 'idempotent' },
    })
    expect(await startMessageFor(20, { inline: 'x'.repeat(8000) })).toMatchObject({
      work: { order: { reads: 'parts' } },
      policy: { effect: 'idempotent' },
    })
    expect(await startMessageFor(INLINE_READ_LIMITS.count, { inline: 1 })).toMatchObject({ policy: { effect: 'pure' } })
  })

  test('says once what those who start together read of the same steps', async () => {
    const graph = graphOf({ one: {}, two: {}, first: {}, same: {}, other: {}, none: {} })
    const pipeline = readingIn(graph, { first: ['one', 'two'], same: ['one', 'two'], other: ['one'] })
    const stored = { ...INPUTS, 'step/one': done({ inline: 1 }), 'step/two': done({ inline: 2 }) }
    const { body } = await messageFor(pipeline, { id: 'first', members: ['same', 'other', 'none'] }, stored)
    const { work, batch } = body as unknown as PipelineStepStart
    expect(work.order.reads).toEqual({ one: read(1), two: read(2) })
    expect(batch.members!.map((each) => [each.step, each.order?.reads])).toEqual([
      ['same', undefined],
      ['other', { one: read(1) }],
      ['none', {}],
    ])
  })

  test('says to each iteration what its own steps came to', async () => {
    const graph = graphOf({ each: { loop: { maxParallel: 2, body: { one: {}, two: { needs: ['one'] } } } } })
    const loop = { length: 2, next: 2, active: [0, 2], left: {}, inFlight: 2, ms: 0, before: 0 }
    const parts = { ...INPUTS, 'step/each': { status: 'running' }, 'loop/each': loop }
    const stored = { ...parts, 'step/each_0_one': done({ inline: 1 }), 'step/each_1_one': done({ inline: 2 }) }
    const start = { id: 'each_0_two', members: ['each_1_two'] }
    const { body } = await messageFor(readingIn(graph, { 'each.two': ['each.one'] }), start, stored)
    const { work, batch } = body as unknown as PipelineStepStart
    expect([work.order.reads, batch.members![0]!.order?.reads]).toEqual([
      { 'each.one': read(1) },
      { 'each.one': read(2) },
    ])
  })
})
