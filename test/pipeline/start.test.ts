import { describe, expect, test } from 'vitest'
import type { Json } from '../../src/kernel/schema.ts'
import type { CompiledPipeline } from '../../src/pipeline/compiled.ts'
import type { StepStart } from '../../src/pipeline/messages.ts'
import { partReader } from '../../src/pipeline/parts.ts'
import { CARRIED, partsToStart, startStep } from '../../src/pipeline/start.ts'
import { NEW_RUN } from '../../src/pipeline/state.ts'
import { graphOf } from './graph.ts'

const run = { ...NEW_RUN, status: 'running', pipeline: 'hash', startedAt: 5 } as const
const self = { kind: 'run', key: 'r' }

async function startMessageFor(count: number, result: Json): Promise<StepStart> {
  const ids = Array.from({ length: count }, (_, n) => `s${n}`)
  const graph = graphOf({ last: {}, ...Object.fromEntries(ids.map((id) => [id, {}])) })
  const pipeline: CompiledPipeline = { ...graph, steps: { ...graph.steps, last: { ...graph.steps.last!, reads: ids } } }
  const stored: { [name: string]: Json } = { start: { inputs: { inline: {} } } }
  for (const id of ids) stored[`step/${id}`] = { status: 'completed', attempts: 1, ms: 1, key: 'k', result }
  const start = { id: 'last' }
  const parts = await partReader({ part: async (name) => stored[name] })(partsToStart(pipeline, [start]), {})
  const { body, to, replyTo } = startStep(pipeline, run, start, self, parts)
  expect({ to, replyTo }).toEqual({ to: { kind: 'step', key: 'r.last' }, replyTo: self })
  return body as unknown as StepStart
}

describe('the message that starts a step', () => {
  test('carries references to what the step reads', async () => {
    expect(await startMessageFor(2, { inline: 1 })).toEqual({
      type: 'start',
      pipeline: 'hash',
      run: { id: 'r', startedAt: 5 },
      step: 'last',
      inputs: { inline: {} },
      reads: { s0: { status: 'completed', result: { inline: 1 } }, s1: { status: 'completed', result: { inline: 1 } } },
      attempts: 1,
      effect: 'pure',
    })
  })

  test('leaves reading to the step when it is too much, which then waits until all that is durable', async () => {
    expect(await startMessageFor(CARRIED.count + 1, { inline: 1 })).toMatchObject({
      reads: 'parts',
      effect: 'idempotent',
    })
    expect(await startMessageFor(20, { inline: 'x'.repeat(8000) })).toMatchObject({
      reads: 'parts',
      effect: 'idempotent',
    })
    expect(await startMessageFor(CARRIED.count, { inline: 1 })).toMatchObject({ effect: 'pure' })
  })
})
