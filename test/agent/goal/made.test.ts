import { expect, test } from 'vitest'
import { z } from 'zod'
import type { Json, Schema } from '../../../src/kernel/schema.ts'
import { defineTool } from '../../../src/tool/tool.ts'
import { answer, CLERK, call, openGoals } from './folder.ts'

const agent = { ...CLERK, tools: ['order'], approve: 'none' as const }

function ordering(give: (made: number) => unknown, effect: 'idempotent' | 'at-most-once') {
  const log: string[] = []
  const order = defineTool({
    ...{ name: 'order', description: 'Orders', effect },
    input: z.object({ item: z.string() }),
    output: z.looseObject({ id: z.number() }) as unknown as Schema<Json>,
    execute({ item }) {
      log.push(`do ${item}`)
      return give(log.length) as Json
    },
    undo({ output }) {
      log.push(`undo ${JSON.stringify(output)}`)
    },
  })
  return { log, order }
}

test.each(['idempotent', 'at-most-once'] as const)('a row with dates is a result (%s)', async (effect) => {
  const { log, order } = ordering((id) => ({ id, item: { at: [new Date(0)] } }), effect)
  const { runtime, model } = await openGoals([call('order', { item: 'lamp' }), answer('ok')], '', { tools: [order] })
  await runtime.goals.start({ agent, goal: 'Order.', id: 'g' })
  await runtime.idle()
  const [round] = (await runtime.goals.get('g')).rounds
  expect(round!.calls).toMatchObject([{ outcome: 'succeeded' }])
  expect(model.calls[1]!.prompt).toContain('1970-01-01T00:00:00.000Z')
  expect(log).toEqual(['do lamp'])
})

test.each([
  ['does not fit', () => ({ id: 'seven' }), 'at `id`: expected a number, got a string'],
  ['cannot be kept', () => ({ id: 1, all: new Map() }), 'at `all`: expected JSON, got a Map'],
])('the model reads that a call was made whose result %s', async (_, give, why) => {
  const { log, order } = ordering(give, 'idempotent')
  const script = [call('order', { item: 'lamp' }), answer('It stands.')]
  const { runtime, model } = await openGoals(script, '', { tools: [order] })
  await runtime.goals.start({ agent: { ...agent, retry: 3 }, goal: 'Order.', id: 'g' })
  await runtime.idle()
  const text = `The call of order was made; its result does not fit ${why}.`
  const [round] = (await runtime.goals.get('g')).rounds
  expect(round!.calls).toMatchObject([{ outcome: 'made', result: text }])
  const { prompt } = model.calls[1]!
  expect(prompt).toContain(JSON.stringify({ made: text }))
  expect(prompt).not.toMatch(/error-|failed/)
  expect(log).toEqual(['do lamp'])
})

test('a goal that fails undoes such a call, too', async () => {
  const { log, order } = ordering(() => ({ id: 'seven' }), 'at-most-once')
  const declined = { error: { statusCode: 400, message: 'content_policy' } }
  const { runtime } = await openGoals([call('order', { item: 'lamp' }), declined], '', { tools: [order] })
  await runtime.goals.start({ agent: { ...agent, onFailure: 'undo' }, goal: 'Order.', id: 'g' })
  await runtime.idle()
  expect(await runtime.goals.get('g')).toMatchObject({
    ...{ status: 'failed', undo: { undone: 1, failed: 0 } },
    rounds: [{ calls: [{ outcome: 'made', undone: true }] }],
  })
  expect(log).toEqual(['do lamp', 'undo {"id":"seven"}'])
})
