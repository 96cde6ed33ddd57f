import { expect, test } from 'vitest'
import { z } from 'zod'
import { defineAgent } from '../../../../src/agent/definition/define-agent.ts'
import type { Json } from '../../../../src/kernel/schema.ts'
import type { ScriptedTurn } from '../../../../src/testing/scripted-model.ts'
import { until } from '../../../../src/testing/until.ts'
import { defineTool } from '../../../../src/tool/tool.ts'
import { call, openGoals } from '../../goal/folder.ts'

const COUNT = 40
const ORDERS = Array.from({ length: COUNT }, (_, n) => `order-${n}-`)
const OUTPUT = z.object({ refunded: z.boolean() })

type Deploy = {
  readonly name?: string
  readonly input?: z.ZodType
  readonly output?: z.ZodObject
  readonly onChange?: 'adopt'
}

function deploy(
  made: Json[],
  { name = 'refund', input = z.object({ order: z.string() }), output = OUTPUT, onChange }: Deploy,
) {
  const execute = (given: unknown) => ({ paid: made.push(given as Json) })
  const tool = defineTool({ name, description: 'Pays back', effect: 'at-most-once', input, execute })
  const more = onChange ? { onChange } : {}
  return { agents: [defineAgent({ name: 'support', instructions: 'You help.', tools: [tool], output, ...more })] }
}

/** What the model says for one order: it calls the tool that it has, with what that needs, and then answers. */
function turnsFor(order: string): readonly ScriptedTurn[] {
  const isMine = (prompt: string) => prompt.includes(order)
  const isPaid = (prompt: string) => prompt.includes('"paid"') || prompt.includes('\\"paid\\"')
  const when = (match: (prompt: string) => boolean, turn: ScriptedTurn): ScriptedTurn => ({
    ...turn,
    match: (prompt) => isMine(prompt) && match(prompt),
  })
  return [
    when(isPaid, call('final_answer', { refunded: true, reason: 'broken' })),
    when((prompt) => prompt.includes('refund: gone'), call('pay-back', { order, reason: 'broken' })),
    when((prompt) => prompt.includes('refund input'), call('refund', { order, reason: 'broken' })),
    when(() => true, call('refund', { order })),
  ]
}

test('three deploys while 40 conversations wait for a person strand none, and each order is paid back once', async () => {
  const made: Json[] = []
  const { runtime, open } = await openGoals(ORDERS.flatMap(turnsFor), '', deploy(made, {}))
  const post = (to: typeof runtime, order: string) =>
    to.conversations.post({ agent: 'support', conversation: order, text: `Pay ${order} back.`, id: 'mail' })
  for (const order of ORDERS) await post(runtime, order)
  await runtime.idle()
  await runtime.stop()
  const input = z.object({ order: z.string(), reason: z.string() })
  // the process ends as soon as the answer is durable
  const second = await open(deploy(made, { input }))
  const [change] = (await second.goals.adopt()).changes
  expect(change).toMatchObject({ outcome: 'goes-on', goals: { length: COUNT } })
  await second.stop({ grace: 0 })
  const third = await open(deploy(made, { input, output: OUTPUT.extend({ reason: z.string() }) }))
  await third.goals.adopt()
  await third.stop({ grace: 0 })
  const output = OUTPUT.extend({ reason: z.string() })
  const last = await open(deploy(made, { input, output, name: 'pay-back', onChange: 'adopt' }))
  // a process without `start` takes up what an earlier one was about to do when somebody asks for it
  for (const order of ORDERS) await post(last, order)
  const gatesNow = async () => (await last.inbox.list({ limit: 1000 })).filter(({ kind }) => kind === 'approval')
  await until(async () => (await gatesNow()).length === COUNT)
  const gates = await gatesNow()
  for (const gate of gates) {
    const { run, signal } = gate as { readonly run: string; readonly signal: string }
    await last.runs.signal(run, signal, { action: 'approve' })
  }
  await last.idle()
  for (const order of ORDERS)
    expect(await last.conversations.get(order, 'mail')).toMatchObject({
      status: 'completed',
      output: { refunded: true },
    })
  expect(made.map((one) => (one as { readonly order: string }).order).toSorted()).toEqual(ORDERS.toSorted())
  expect(await last.inbox.list()).toEqual([])
})
