import { expect, test } from 'vitest'
import { answer, CLERK, call } from '../../agent/goal/folder.ts'
import { runHere } from '../../cli/here.ts'
import { NOTHING } from '../../cli/programs.ts'
import { openMcp, textOf } from '../../http/mcp/bench.ts'
import { answerAll, openShop, PLUGIN, refundsIn } from './bench.ts'

const PIPELINE = `name: p
steps:
  - { id: a, tool: refund, parameters: { cents: 9000 } }
  - { id: b, tool: debug, parameters: { message: hi }, dependencies: [a] }
`
const LISTED = { ...CLERK, tools: ['refund'], approve: ['refund'] }

test.each([false, true])('a fork that makes a call again asks again, with a gate in the round: %s', async (isRound) => {
  const { runtime, run, refunds } = await openShop([call('refund', { cents: 9000 }), answer('done')])
  if (isRound) {
    await runtime.goals.start({ agent: LISTED, goal: 'Refund.', id: 'g' })
    await runtime.idle()
  } else await run(PIPELINE, 'r')
  expect(await answerAll(runtime)).toEqual(['Call refund? cents 9000'])
  const id = isRound ? 'g.1' : 'r'
  await runtime.runs.fork(id, { at: isRound ? 'call_1' : 'a', id: 'again' })
  await runtime.idle()
  expect(refunds()).toEqual(['9000'])
  expect(await answerAll(runtime, { action: 'modify', content: { cents: 7 } })).toEqual(['Call refund? cents 9000'])
  expect(refunds()).toEqual(['9000', '7'])
  // a replay reuses all results, and makes no call
  await runtime.runs.fork(id, { id: 'replay' })
  await runtime.idle()
  expect([await runtime.inbox.list(), refunds()]).toEqual([[], ['9000', '7']])
})

test.each(['pipeline', 'round'])('a call of a %s that waits is made by the next process, once', async (way) => {
  const { runtime, open, run, refunds } = await openShop([call('refund', { cents: 9000 }), answer('done')])
  if (way === 'round') await runtime.goals.start({ agent: { ...LISTED, approve: 'none' }, goal: 'Refund.', id: 'g' })
  else await run(PIPELINE, 'r')
  await runtime.idle()
  await runtime.stop({ grace: 0 })
  const next = await open()
  expect(await answerAll(next)).toEqual(['Call refund? cents 9000'])
  expect(refunds()).toEqual(['9000'])
})

test('a model learns that a person changed or rejected its call at the step', async () => {
  const turns = [call('refund', { cents: 9000 }), call('refund', { cents: 8000 }), answer('done')]
  const { runtime, refunds } = await openShop(turns)
  await runtime.goals.start({ agent: { ...LISTED, approve: 'none' }, goal: 'Refund.', id: 'g' })
  await runtime.idle()
  const [first] = (await runtime.inbox.list()) as readonly { readonly run: string; readonly signal: string }[]
  await runtime.runs.signal(first!.run, first!.signal, { action: 'modify', content: { cents: 5 } })
  await runtime.idle()
  expect(await answerAll(runtime, { action: 'reject', reason: 'too much' })).toEqual(['Call refund? cents 8000'])
  const { rounds } = await runtime.goals.get('g')
  expect(rounds.slice(0, 2).map(({ calls }) => calls[0])).toMatchObject([
    { outcome: 'succeeded', parameters: { cents: 5 }, asked: { cents: 9000 } },
    { outcome: 'rejected', result: 'a person rejected the call: too much' },
  ])
  expect(refunds()).toEqual(['5'])
})

test('a served tool asks the person at the MCP client', async () => {
  const { connect, folder } = await openMcp(`plugins: [${PLUGIN}]`, 'mcp: { serve: [refund] }')
  const answers = [{ action: 'approve' }, { action: 'reject', reason: 'too much' }]
  const { call: tool } = await connect({ person: () => ({ action: 'accept', content: answers.shift()! }) })
  expect(await tool('refund', { cents: 9000 })).toMatchObject({ structuredContent: { refunded: 9000 } })
  const rejected = await tool('refund', { cents: 9000 })
  expect(textOf(rejected)).toContain('A person refused the call: too much')
  expect([answers, refundsIn(folder)]).toEqual([[], ['9000']])
})

test('the command line makes no call that a person has to approve, except as a run', async () => {
  const { folder, runtime, refunds } = await openShop()
  await runtime.stop({ grace: 0 })
  const tools = (...words: string[]) => runHere(NOTHING, ['tools', 'call', 'refund', ...words], { folder })
  const refused = await tools('cents=9000')
  expect([refused.code, refused.err]).toEqual([
    2,
    'A person has to approve this call of refund, and nobody was asked.\n  Add --run: the call then waits in the inbox.\n',
  ])
  expect((await tools('cents=5')).code).toBe(0)
  expect(refunds()).toEqual(['5'])
})
