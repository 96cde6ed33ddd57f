import { expect, test } from 'vitest'
import { z } from 'zod'
import { defineAgent, defineTool } from '../../../src/index.ts'
import type { Around } from '../../../src/work/rules/house-rules.ts'
import { answer, call, openGoals } from './folder.ts'

const once = (reply: string) => ({ ...answer(reply), times: 1 })

function openShop() {
  const log: string[] = []
  const refund = defineTool({
    ...{ name: 'refund', description: 'Pays money back', effect: 'at-most-once' },
    input: z.object({ cents: z.number() }),
    execute({ cents }) {
      log.push(`refund ${cents}`)
      return { paid: cents }
    },
  })
  return { log, refund }
}

const noRefunds: Around = {
  tool: (made, next) => (made.tool === 'refund' ? made.refuse('After 18:00, a refund needs a reason.') : next()),
}

test('a model reads why a rule refused its call', async () => {
  const { log, refund } = openShop()
  const script = [call('refund', { cents: 5 }), answer('Not today.')]
  const agent = defineAgent({ ...{ name: 'shop', instructions: 'Help.', tools: [refund] }, approve: 'none' })
  const { runtime, model } = await openGoals(script, '', { agents: [agent], around: noRefunds })
  const reply = await runtime.conversations.send({ agent: 'shop', conversation: 'talk', text: 'Pay me.' })
  expect(reply).toMatchObject({ status: 'completed', answer: 'Not today.' })
  expect(JSON.stringify(model.calls[1])).toContain('After 18:00, a refund needs a reason.')
  expect(log).toEqual([])
})

test('the rules of an agent hold for it and for all work below it, and for no other agent', async () => {
  const { log, refund } = openShop()
  const asked: string[] = []
  const around: Around = {
    model(request, next) {
      asked.push(`${request.kind} for ${request.for?.agent}`)
      return next()
    },
    tool(made, next) {
      asked.push(`${made.tool} for ${made.for.agent}`)
      return next()
    },
  }
  const payer = defineAgent({
    ...{ name: 'payer', description: 'Pays', instructions: 'You pay.', tools: [refund] },
    approve: 'none',
  })
  const shop = defineAgent({ ...{ name: 'shop', instructions: 'You help.', agents: [payer] }, approve: 'none', around })
  const script = [call('refund', { cents: 5 }), once('paid'), call('agent_payer', { goal: 'Pay 5.' })]
  const { runtime } = await openGoals([...script, call('refund', { cents: 5 }), once('paid'), once('done')], '', {
    agents: [shop],
  })
  await runtime.goals.start({ agent: 'payer', goal: 'Pay 5.', id: 'alone' })
  await runtime.idle()
  expect([log, asked]).toEqual([['refund 5'], []])
  await runtime.goals.start({ agent: 'shop', goal: 'Help me.', id: 'g' })
  await runtime.idle()
  expect(await runtime.goals.get('g')).toMatchObject({ status: 'completed', answer: 'done' })
  expect(log).toEqual(['refund 5', 'refund 5'])
  const ofPayer = ['generate for payer', 'refund for payer', 'generate for payer']
  expect(asked).toEqual(['generate for shop', 'agent:payer for shop', ...ofPayer, 'generate for shop'])
})

test('a goal whose rules are missing asks no model, and goes on with them', async () => {
  const { log, refund } = openShop()
  const agents = [defineAgent({ ...{ name: 'shop', instructions: 'Help.', tools: [refund] }, approve: [refund] })]
  const asked: string[] = []
  const around: Around = {
    model(request, next) {
      asked.push(request.kind)
      return next()
    },
  }
  const script = [call('refund', { cents: 5 }), answer('done')]
  const { runtime, open, model } = await openGoals(script, '', { agents, around })
  await runtime.goals.start({ agent: 'shop', goal: 'Pay.', id: 'g' })
  await runtime.idle()
  await runtime.stop({ grace: 0 })
  const without = await open({ agents })
  const [item] = await without.inbox.list()
  const { run, signal } = item as { readonly run: string; readonly signal: string }
  await without.runs.signal(run, signal, { action: 'approve' })
  await expect.poll(async () => JSON.stringify(await without.inbox.list())).toContain('the rules of program')
  expect([log, model.calls.length]).toEqual([[], 1])
  await without.stop({ grace: 0 })
  const again = await open({ agents, around })
  await expect.poll(async () => (await again.goals.get('g')).status).toBe('completed')
  expect([log, asked]).toEqual([['refund 5'], ['generate', 'generate']])
})

test('a goal fails with the reason of a rule that refuses its request', async () => {
  const around: Around = { model: (request) => request.refuse('The day is over.') }
  const { runtime } = await openGoals([answer('hi')], '', {
    agents: [defineAgent({ name: 'shop', instructions: 'Help.' })],
    around,
  })
  await runtime.goals.start({ agent: 'shop', goal: 'Pay.', id: 'g' })
  await runtime.idle()
  const { status, problem } = await runtime.goals.get('g')
  expect([status, problem?.code, problem?.message]).toEqual([
    'failed',
    'rule_refused',
    expect.stringContaining('The day is over.'),
  ])
})
