import { expect, it } from 'vitest'
import { z } from 'zod'
import { defineAgent, defineTool } from '../../../src/index.ts'
import { type AgentTestOptions, scriptedModel, stubTool, testAgent } from '../../../src/testing/index.ts'
import { contextAt } from '../../tool/context.ts'

const mail = defineTool({
  name: 'mail',
  description: 'Sends a letter',
  effect: 'idempotent',
  input: z.object({ to: z.string() }),
  output: z.object({ sent: z.number() }),
  execute: () => ({ sent: 1 }),
})
const clerk = defineAgent({ name: 'clerk', instructions: 'x', tools: [mail, 'filesystem:append'], approve: 'none' })
const APPENDED = { action: 'append', path: 'x.md', size: 3 }
const usage = { input: 1, output: 1 }
const call = (name: string, input: object, times = 1) => ({ calls: [{ name, input: input as never }], times, usage })

/** The calls that the agent made, with their results. */
async function callsOf(turns: readonly ReturnType<typeof call>[], options: AgentTestOptions) {
  const model = scriptedModel([...turns, { reply: 'Done.', usage }])
  const report = await testAgent(clerk, [{ name: 'one', input: 'Go.' }], { model, ...options })
  const { transcript, notes } = report.cases[0]!
  return { calls: transcript.calls.map(({ outcome, result }) => [outcome, result]), notes: [...notes, ...report.notes] }
}

it('gives one value after the other, throws errors, and runs functions', async () => {
  const stub = stubTool(mail, { sent: 1 }, new Error('the post is closed'), ({ to }) => ({ sent: to.length }))
  const { calls } = await callsOf(
    ['Ann', 'Bob', 'Clara'].map((to) => call('mail', { to })),
    { tools: [stub] },
  )
  // the failed attempt is repeated, as that of the real tool
  expect(calls).toEqual([
    ['succeeded', { sent: 1 }],
    ['succeeded', { sent: 3 }],
    ['succeeded', { sent: 5 }],
  ])
  expect(stub.calls.map(({ input, error }) => [input.to, error])).toEqual([
    ['Ann', undefined],
    ['Bob', 'the post is closed'],
    ['Bob', undefined],
    ['Clara', undefined],
  ])
  expect(stub.calls[1]!.idempotencyKey).toBe(stub.calls[2]!.idempotencyKey)
})

it('checks parameters and results by the schemas of the tool', async () => {
  const stub = stubTool(mail, { sent: 'yes' } as never)
  const { calls } = await callsOf([call('mail', { to: 7 }), call('mail', { to: 'Ann' })], { tools: [stub] })
  expect(calls.map(([outcome]) => outcome)).toEqual(['refused', 'made'])
  expect(JSON.stringify(calls[0])).toContain('to')
  expect(stub.calls.every(({ input }) => input.to === 'Ann')).toBe(true)
})

it('has the `once` of a real call', async () => {
  const made: string[] = []
  const stub = stubTool(mail, async ({ to }, { once }) => {
    const sent = await once('send', () => made.push(to))
    if (made.length === 1 && stub.calls.length === 1) throw new Error('cut off')
    return { sent }
  })
  const { calls } = await callsOf([call('mail', { to: 'Ann' })], { tools: [stub] })
  expect(calls).toEqual([['succeeded', { sent: 1 }]])
  expect([stub.calls.length, made]).toEqual([2, ['Ann']])
  // without a runtime, nothing is kept
  await expect(stub.execute({ to: 'Bob' }, contextAt('/'))).resolves.toEqual({ sent: 2 })
})

it('replaces a built-in tool by its name', async () => {
  const stub = stubTool('filesystem:append', APPENDED)
  const { calls, notes } = await callsOf([call('filesystem_append', { path: 'x.md', content: 'abc' })], {
    tools: [stub, stubTool(mail, { sent: 1 })],
  })
  expect([calls, stub.calls.length]).toEqual([[['succeeded', APPENDED]], 1])
  expect(notes).toEqual(['stubs that no case called: mail'])
})

it('fails calls that nobody stubbed, if the test says so', async () => {
  const { calls } = await callsOf([call('mail', { to: 'Ann' })], { unstubbed: 'fail' })
  expect(calls).toEqual([['failed', expect.stringContaining('mail has no stub')]])
})

it('is refused for a tool that does not exist, and for one that asks a person', async () => {
  const failure = (name: string) =>
    callsOf([], { tools: [stubTool(name, 1)] }).catch(({ message, hint }) => `${message} ${hint}`)
  expect(await failure('filesystem:apend')).toMatch(
    /^There is no tool filesystem:apend to stub\. Did you mean filesystem:append\?$/,
  )
  expect(await failure('user-prompt')).toContain('The tool user-prompt asks a person')
})
