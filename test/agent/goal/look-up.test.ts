import { expect, test } from 'vitest'
import { z } from 'zod'
import { UnknownError } from '../../../src/errors.ts'
import { defineTool } from '../../../src/index.ts'
import { answer, CLERK, call, openGoals } from './folder.ts'

/** A payment service that books each order, and whose answer to the first request is lost. */
function openService() {
  const booked: string[] = []
  const refund = defineTool({
    ...{ name: 'refund', description: 'Pays money back', effect: 'at-most-once' },
    input: z.object({ order: z.string() }),
    output: z.object({ order: z.string() }),
    execute({ order }) {
      booked.push(order)
      throw new UnknownError('The connection was cut.')
    },
    lookUp: ({ order }) => (booked.includes(order) ? { done: { order } } : 'not-done'),
  })
  return { booked, refund }
}

test('a refund whose answer was lost is found, the model reads its result, and the audit says who answered', async () => {
  const { booked, refund } = openService()
  const { runtime, model } = await openGoals([call('refund', { order: '1789' }), answer('It is paid.')], '', {
    tools: [refund],
  })
  const agent = { ...CLERK, tools: ['refund'], approve: 'none' as const }
  const reply = await runtime.conversations.send({ agent, conversation: 'talk', text: 'The lamp is broken.' })
  expect(reply).toMatchObject({ status: 'completed', answer: 'It is paid.' })
  expect(booked).toEqual(['1789'])
  const read = JSON.stringify(model.calls.at(-1))
  expect(read).toContain('1789')
  expect(read).not.toMatch(/cut|unknown|failed/i)
  expect(await runtime.inbox.list()).toEqual([])
  const by = { type: 'program', name: 'lookUp', through: 'program' }
  await expect
    .poll(() => runtime.access.audit.list({ of: 'acts' }))
    .toMatchObject([{ what: 'settled', outcome: 'done', tool: 'refund', by }])
})
