import { expect, test } from 'vitest'
import { z } from 'zod'
import { changesOf, givenRequest, requestMaker } from '../../../src/agent/goal/think/request-of.ts'
import type { RequestDocument } from '../../../src/agent/room/goals/port.ts'
import { toRef } from '../../../src/lib/media/file-ref.ts'
import type { Runtime } from '../../../src/runtime/ports.ts'
import type { ScriptedCall, ScriptedModel, ScriptedTurn } from '../../../src/testing/scripted-model.ts'
import { defineTool } from '../../../src/tool/tool.ts'
import { answer, CLERK, call, openGoals } from './folder.ts'

const PIXEL = Buffer.from(
  'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==',
  'base64',
)
const once = (reply: string): ScriptedTurn => ({ ...answer(reply), times: 1 })
const read = (path: string) => call('filesystem_read', { path })

type Part = { readonly type: string; readonly [field: string]: unknown }

/** The messages of a request as a model double gets them: files are left out, with the name before each. */
function messagesOf({ options }: ScriptedCall): readonly (readonly [role: string, text: string])[] {
  return options.prompt.map(({ role, content }) => {
    if (typeof content === 'string') return [role, content]
    const parts = content as object as readonly Part[]
    const shown = parts.filter(({ type }, at) => type !== 'file' && parts[at + 1]?.type !== 'file')
    return [role, shown.map(textOf).join('\n')]
  })
}

function textOf({ type, text, toolName, input, output }: Part): string {
  if (type === 'tool-call') return `${toolName} ${JSON.stringify(input)}`
  if (type !== 'tool-result') return String(text)
  const { value } = output as { readonly value: unknown }
  return `${toolName}: ${typeof value === 'string' ? value : JSON.stringify(value)}`
}

const toolsOf = ({ options }: ScriptedCall) => (options.tools ?? []).map(({ name }) => name)
const shown = ({ messages, tools, changed }: RequestDocument) => ({
  messages: messages.map(({ role, text }) => [role, text]),
  tools,
  changed,
})

/** Expects that each round of a goal shows the request of one call of the model. */
async function expectSame(runtime: Runtime, goal: string, calls: ScriptedModel['calls']): Promise<void> {
  const { rounds } = await runtime.goals.get(goal)
  expect(rounds).toHaveLength(calls.length)
  for (const [at, one] of calls.entries())
    expect(shown(await runtime.goals.round(goal, at + 1))).toEqual({
      messages: messagesOf(one),
      tools: toolsOf(one),
      changed: [],
    })
}

test('each round shows what its model got: results, an environment that changed since, and other processes', async () => {
  const { runtime, model, write, open } = await openGoals([read('a.txt'), read('b.txt'), answer('ebb')])
  write('a.txt', 'ebb')
  write('b.txt', 'flood')
  await runtime.environments.update('shop', { door: 'open' })
  const agent = { ...CLERK, environment: 'shop', tools: [...CLERK.tools, 'environment'] }
  const { id } = await runtime.goals.start({ agent, goal: 'Look.' })
  await runtime.idle()
  await runtime.environments.update('shop', { door: 'shut' })
  await expectSame(runtime, id, model.calls)
  expect(model.calls[2]!.prompt).toContain('"door": "open"')
  await runtime.stop()
  await expectSame(await open(), id, model.calls)
})

test('a round of a conversation shows its history, what was recalled, and what was told meanwhile', async () => {
  const { runtime, model, write } = await openGoals([
    once('The tide of the lamp is low.'),
    read('a.txt'),
    once('The tide is high.'),
    read('a.txt'),
    answer('I do not know.'),
  ])
  write('a.txt', 'The tide of the harbour is low at noon.')
  const known = [1, 2, 3].map((n) => ({ text: `The tide at lamp ${n} was high.`, space: 'agents/clerk' }))
  await runtime.memory('local').add(known)
  const agent = { ...CLERK, recall: 'agent' as const, memory: { recall: 1 } }
  const goals: string[] = []
  for (const n of [1, 2, 3]) {
    const text = `What of the tide at lamp ${n}?`
    const { goal } = await runtime.conversations.send({ conversation: 'talk', agent, text })
    goals.push(goal!)
  }
  const [one, two, three] = goals as [string, string, string]
  expect(model.calls[4]!.prompt.match(/was high\./g)).toHaveLength(3)
  await expectSame(runtime, one, model.calls.slice(0, 1))
  await expectSame(runtime, two, model.calls.slice(1, 3))
  await expectSame(runtime, three, model.calls.slice(3))
})

test('a round whose request was shortened shows the short one, in the window that it had', async () => {
  const config = 'model: lab/one\nmodels: [{ id: lab/one, context: 16k, cost: { input: 1, output: 1 } }]\n'
  const names = [1, 2, 3, 4, 5, 6].map((n) => `${n}.txt`)
  const { runtime, model, write, open } = await openGoals([...names.map(read), answer('well')], '', { config })
  for (const name of names) write(name, name.repeat(2000))
  const { id } = await runtime.goals.start({ agent: CLERK, goal: 'Read.', budget: 100 })
  await runtime.idle()
  expect(model.calls[6]!.prompt).toContain('Files that your calls have named so far.')
  await expectSame(runtime, id, model.calls)
  await runtime.stop()
  write('antiphon.yaml', config.replace('16k', '200k'))
  await expectSame(await open(), id, model.calls)
})

test('a round shows the files that its model got by name', async () => {
  const { runtime, model } = await openGoals([call('filesystem_list', { path: '.' }), answer('a pixel')])
  const photo = toRef(await runtime.files.add(PIXEL, { name: 'photo.png' }))
  const { id } = await runtime.goals.start({ agent: CLERK, goal: 'What is it?', files: [photo] })
  await runtime.idle()
  await expectSame(runtime, id, model.calls)
  const { messages } = await runtime.goals.round(id, 2)
  expect(messages.map(({ files }) => files)).toEqual([undefined, [photo], undefined, undefined])
})

test('a reused round shows the request of the goal that made it', async () => {
  const { runtime, model, write } = await openGoals([read('a.txt'), once('ebb'), answer('flood')])
  write('a.txt', 'ebb')
  await runtime.conversations.send({ conversation: 'talk', agent: CLERK, text: 'Look.', id: 'm1' })
  const [ask] = (await runtime.threads.get('talk')).asks
  const { id } = await runtime.goals.fork(ask!.goal!)
  await runtime.idle()
  await expectSame(runtime, id, [model.calls[0]!, model.calls[2]!])
  expect(await runtime.goals.round(id, 1)).toMatchObject({ goal: id, round: 1 })
})

const tool = (description: string) =>
  defineTool({ name: 'look', description, input: z.object({}), effect: 'pure', execute: () => 'ebb' })

test('a tool that has changed since, and a long environment, are said', async () => {
  const { runtime, open } = await openGoals([call('look', {}), answer('ebb')], '', { tools: [tool('Looks')] })
  await runtime.environments.update('shop', { note: 'x'.repeat(1000), door: 'y'.repeat(100) })
  const agent = { ...CLERK, tools: ['look', 'environment'], environment: 'shop' }
  const { id } = await runtime.goals.start({ agent, goal: 'Look.' })
  await runtime.idle()
  expect(await runtime.goals.get(id)).toMatchObject({ status: 'completed' })
  expect(await runtime.goals.round(id, 2)).toMatchObject({ changed: [] })
  await runtime.environments.update('shop', { door: 'shut' })
  expect(await runtime.goals.round(id, 2)).toMatchObject({ changed: [expect.stringMatching(/^The environment /)] })
  await runtime.stop()
  const next = await open({ tools: [tool('Looks at the tide')] })
  expect(await next.goals.round(id, 2)).toMatchObject({
    changed: [expect.stringMatching(/^The tools differ/), expect.stringMatching(/^The environment /)],
  })
})

test('instructions and messages that differ are said, each by itself', () => {
  const made = (instructions: string, goal: string) =>
    requestMaker({
      start: { goal, definition: '' },
      definition: { ...CLERK, instructions },
      context: { first: goal, rounds: [], notes: [] },
      tools: new Map(),
      texts: new Map(),
      environment: undefined,
    })(128_000)
  const given = givenRequest(made('You keep notes.', 'Look.'), 128_000, undefined)
  const changes = (instructions: string, goal: string) => changesOf(made(instructions, goal), undefined, given)
  expect(changes('You keep notes.', 'Look.')).toEqual([])
  expect(changes('You keep lists.', 'Look.')).toEqual([expect.stringMatching(/^The instructions differ/)])
  expect(changes('You keep notes.', 'Go.')).toEqual([expect.stringMatching(/^The messages differ/)])
})

test('a request of more than 256 KiB is cut at its longest texts, and secrets are hidden', async () => {
  const environment = { HARBOUR_TOKEN: 'a-secret-of-the-harbour' }
  const { runtime } = await openGoals([answer('well')], '', { environment })
  const told = `Use a-secret-of-the-harbour. ${'é'.repeat(150_000)}${'e'.repeat(300_000)}`
  const { id } = await runtime.goals.start({ agent: { ...CLERK, instructions: told }, goal: 'Look.', budget: 100 })
  await runtime.idle()
  const request = await runtime.goals.round(id, 1)
  const [system, user] = request.messages
  expect(request.cut).toBe(true)
  expect(system!.characters).toBeGreaterThan(200_000)
  expect(Buffer.byteLength(JSON.stringify(request))).toBeLessThan(258 * 1024)
  expect(Buffer.byteLength(system!.text)).toBeGreaterThan(240 * 1024)
  expect(user).toEqual({ role: 'user', text: 'Look.' })
  expect(system!.text).toContain('Use ')
  expect(system!.text).not.toContain('a-secret-of-the-harbour')
})

test('a goal or a round that does not exist is not found', async () => {
  const { runtime } = await openGoals([answer('well')])
  const { id } = await runtime.goals.start({ agent: CLERK, goal: 'Look.' })
  await runtime.idle()
  for (const [goal, round] of [['none', 1] as const, [id, 2] as const, [id, 0] as const])
    await expect(runtime.goals.round(goal, round)).rejects.toMatchObject({ code: 'not_found' })
})
