import { HumanMessage } from '@langchain/core/messages'
import { Annotation, END, MessagesAnnotation, START, StateGraph } from '@langchain/langgraph'
import { expect, test } from 'vitest'
import { checkpointer } from '../../packages/langgraph/src/index.ts'
import { openProgram } from './folder.ts'

const Counted = Annotation.Root({ n: Annotation<number>, seen: Annotation<unknown> })
const counter = () =>
  new StateGraph(Counted)
    .addNode('add', ({ n = 0 }) => ({ n: n + 1 }))
    .addEdge(START, 'add')
    .addEdge('add', END)

const at = (thread_id: string) => ({ configurable: { thread_id } })

test('a thread goes on in a later process, with its messages and its history', async () => {
  const program = openProgram()
  const chat = new StateGraph(MessagesAnnotation)
    .addNode('reply', ({ messages }) => ({ messages: [{ role: 'assistant', content: `reply ${messages.length}` }] }))
    .addEdge(START, 'reply')
    .addEdge('reply', END)
  const first = await program.open()
  const graph = chat.compile({ checkpointer: await checkpointer(first) })
  await graph.invoke({ messages: [new HumanMessage('one')] }, at('ada'))
  await first.stop()

  const again = chat.compile({ checkpointer: await checkpointer(await program.open()) })
  const { messages } = await again.invoke({ messages: [new HumanMessage('two')] }, at('ada'))
  expect(messages.map(({ type, content }) => [type, content])).toEqual([
    ['human', 'one'],
    ['ai', 'reply 1'],
    ['human', 'two'],
    ['ai', 'reply 3'],
  ])
  const history = []
  for await (const { metadata } of again.getStateHistory(at('ada'))) history.push(metadata?.step)
  expect(history).toEqual([4, 3, 2, 1, 0, -1].slice(-history.length))
  expect(history.length).toBeGreaterThan(4)
})

class Purse {
  coins = 3
}
const itself: { self?: unknown } = {}
itself.self = itself
test.each([
  ['a class', new Purse(), 'The channel seen of the graph holds a Purse: expected JSON.'],
  ['a date in a list', { days: [new Date(0)] }, 'The channel seen of the graph holds a Date at days.0: expected JSON.'],
  ['a function', () => 1, 'holds a function'],
  ['NaN', Number.NaN, 'holds NaN'],
  ['a BigInt in a Map', new Map([['a', 1n]]), 'holds a BigInt at 0'],
  ['an error', new Error('lost'), 'holds an Error'],
  ['itself', itself, 'holds a value that contains itself at self'],
])('a state with %s is refused by the name of its channel', async (_, seen, says) => {
  const graph = counter().compile({ checkpointer: await checkpointer(await openProgram().open()) })
  const refused = await graph.invoke({ n: 1, seen }, at('a')).catch((error) => error)
  expect(refused).toMatchObject({ code: 'state_not_json', message: expect.stringContaining(says) })
})

test('values that the serializer of LangGraph restores come back as they were', async () => {
  const program = openProgram()
  const seen = {
    map: new Map<unknown, unknown>([['a', new Set([1, 2])]]),
    pattern: /a/gi,
    bytes: new Uint8Array([1, 2]),
    nothing: undefined,
    message: new HumanMessage({ content: 'hi', additional_kwargs: { mood: { good: true } } }),
    long: 'x'.repeat(300_000),
  }
  const app = await program.open()
  await counter()
    .compile({ checkpointer: await checkpointer(app) })
    .invoke({ n: 1, seen }, at('a'))
  await app.stop()
  const graph = counter().compile({ checkpointer: await checkpointer(await program.open()) })
  const { values } = await graph.getState(at('a'))
  expect(values.n).toBe(2)
  expect(values.seen).toMatchObject({ ...seen, message: expect.any(HumanMessage) })
  expect(values.seen.message.additional_kwargs).toEqual({ mood: { good: true } })
})

test('owners have threads of their own, which are forgotten with them', async () => {
  const app = await openProgram().open()
  const savers = { ann: await checkpointer(app, { owner: 'ann' }), local: await checkpointer(app) }
  await counter().compile({ checkpointer: savers.ann }).invoke({ n: 1 }, at('a:b/c'))
  await counter().compile({ checkpointer: savers.local }).invoke({ n: 5 }, at('ann:a'))
  expect(await savers.local.getTuple(at('a:b/c'))).toBeUndefined()
  expect(await savers.ann.getTuple(at('a'))).toBeUndefined()
  const listed = []
  for await (const { config } of savers.ann.list({})) listed.push(config.configurable?.thread_id)
  expect(new Set(listed)).toEqual(new Set(['a:b/c']))

  expect((await app.erasures.forget('ann')).removed).toMatchObject({ 'threads of graphs': 1 })
  expect(await savers.ann.getTuple(at('a:b/c'))).toBeUndefined()
  expect(await savers.local.getTuple(at('ann:a'))).toBeDefined()
})

test('a process without the data folder gets an error, and so does a call without a thread', async () => {
  await expect(checkpointer({ runtime: undefined })).rejects.toMatchObject({ code: 'owned' })
  const graph = counter().compile({ checkpointer: await checkpointer(await openProgram().open()) })
  await expect(graph.invoke({ n: 1 })).rejects.toThrow('thread_id')
  await expect(graph.invoke({ n: 1 }, at('x'.repeat(201)))).rejects.toThrow('1 to 200 characters')
})
