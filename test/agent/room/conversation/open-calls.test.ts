import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { defineTool } from '../../../../src/index.ts'
import type { Runtime } from '../../../../src/runtime/ports.ts'
import { until } from '../../../../src/testing/until.ts'
import { CLERK, openGoals, answer as repeated } from '../../goal/folder.ts'

const answer = (text: string) => ({ ...repeated(text), times: 1 })
const input = z.object({ order: z.string() })

/** `refund` waits for a person; `look` does not. */
function tools() {
  const paid: string[] = []
  const refund = defineTool({
    ...{ name: 'refund', description: 'Pays money back', input, effect: 'at-most-once', approve: true },
    async execute({ order }) {
      paid.push(order)
      return { refunded: order }
    },
  })
  const look = defineTool({
    ...{ name: 'look', description: 'Looks', input, effect: 'pure' },
    execute: ({ order }) => `order ${order} is here`,
  })
  return { paid, all: [refund, look] }
}

const agent = { ...CLERK, tools: ['refund', 'look'], approve: 'none' as const }
const message = (text: string, id: string, more: object = {}) => ({ conversation: 'shop', agent, text, id, ...more })
const calls = (...all: { name: string; input: { order: string } }[]) => ({
  calls: all,
  times: 1,
  usage: { input: 1, output: 1 },
})
const REFUND = { name: 'refund', input: { order: '7' } }

const isAsked = async (runtime: Runtime, count = 1) =>
  until(async () => (await runtime.inbox.list()).length === count)

async function decide(runtime: Runtime, value: object, at = 0) {
  const item = (await runtime.inbox.list())[at]!
  await runtime.runs.signal(item.run!, item.signal!, value as never)
}

describe('a message while a call waits for a person', () => {
  it('is answered, and the result of the call is a message of its own', async () => {
    const { all, paid } = tools()
    const script = [
      calls(REFUND, { name: 'look', input: { order: '7' } }),
      answer('Staff will decide. We open at nine.'),
      answer('Your money is on its way.'),
    ]
    const { runtime, model } = await openGoals(script, '', { tools: all })
    await runtime.conversations.post(message('Refund order 7.', 'm1'))
    await isAsked(runtime)
    const second = await runtime.conversations.send(message('When do you open?', 'm2'))
    expect(second).toMatchObject({
      ...{ status: 'completed', answer: 'Staff will decide. We open at nine.' },
      open: [{ tool: 'refund', run: 'shop.m1.1', call: 'call_1', signal: 'call:call_1' }],
    })
    const shown = model.calls[1]!.prompt
    expect(shown).toContain('The call waits for a person and has not been made. Its result will come.')
    expect(shown).toContain('order 7 is here')
    expect(shown).toContain('A person says: When do you open?')
    expect(await runtime.goals.get('shop.m1')).toMatchObject({ status: 'completed' })
    expect(await runtime.inbox.list()).toMatchObject([{ run: 'shop.m1.1' }])
    expect(paid).toEqual([])

    await decide(runtime, { approved: true })
    await until(async () => (await runtime.threads.get('shop')).asks.length === 3)
    await until(async () => (await runtime.threads.get('shop')).status === 'completed')
    expect(paid).toEqual(['7'])
    const { asks } = await runtime.threads.get('shop')
    expect(asks[2]).toMatchObject({
      ...{ status: 'completed', answer: 'Your money is on its way.', goal: 'shop.m3' },
      resultOf: { run: 'shop.m1.1', calls: ['call_1'] },
    })
    const { prompt } = model.calls[2]!
    expect(prompt).toContain('This is the result of an earlier call, not a message of the user.')
    expect(prompt).toContain('refund {\\"order\\":\\"7\\"}')
    expect(prompt).toContain('{\\"refunded\\":\\"7\\"}')
    // the beginning of the request stays as it was
    expect(prompt).toContain('The call waits for a person and has not been made. Its result will come.')
    const [round] = (await runtime.goals.get('shop.m1')).rounds
    expect(round!.calls[0]).toMatchObject({ outcome: 'pending', late: { outcome: 'succeeded' } })
    expect((await runtime.conversations.get('shop', 'm2')) as object).not.toHaveProperty('open')
  })
})
