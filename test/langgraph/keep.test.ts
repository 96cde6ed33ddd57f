import { Annotation, Command, END, interrupt, MemorySaver, START, StateGraph } from '@langchain/langgraph'
import { expect, test } from 'vitest'
import { checkpointer } from '../../packages/langgraph/src/index.ts'
import { createSaver } from '../../packages/langgraph/src/saver.ts'
import { openProgram } from './folder.ts'

const Counted = Annotation.Root({ n: Annotation<number>, note: Annotation<string> })
const counter = () =>
  new StateGraph(Counted)
    .addNode('add', ({ n = 0 }) => ({ n: n + 1 }))
    .addEdge(START, 'add')
    .addEdge('add', END)
const at = (thread_id: string, checkpoint_id?: string) => ({
  configurable: { thread_id, ...(checkpoint_id && { checkpoint_id }) },
})

type Graph = Pick<ReturnType<ReturnType<typeof counter>['compile']>, 'getStateHistory'>
async function historyOf(graph: Graph, thread: string, limit?: number) {
  const found = []
  for await (const one of graph.getStateHistory(at(thread), limit === undefined ? {} : { limit })) found.push(one)
  return found
}

test('a thread keeps its newest checkpoints and all that they need', async () => {
  const { runtime, ...app } = await openProgram().open()
  const graph = counter().compile({ checkpointer: await checkpointer({ runtime, ...app }, { keep: 4 }) })
  await graph.invoke({ note: 'first' }, at('a'))
  for (let n = 0; n < 10; n++) await graph.invoke({}, at('a'))
  const history = await historyOf(graph, 'a')
  // `note` was written by a checkpoint that is gone
  expect(history.map(({ values }) => [values.n, values.note])).toEqual([
    [11, 'first'],
    [10, 'first'],
    [10, 'first'],
    [10, 'first'],
  ])
  expect(await historyOf(graph, 'a', 2)).toEqual(history.slice(0, 2))
  const parts: string[] = []
  const of = { kind: 'graph-thread', key: 'local:a' }
  for await (const [name] of runtime!.engine.view.parts(of)) parts.push(name.split('/')[0]!)
  const count = (kind: string) => parts.filter((one) => one === kind).length
  // what is left is of the four: a value of each channel for each of its versions, and their writes
  expect([count('checkpoint'), count('latest'), count('value') < 20, count('write') < 20]).toEqual([4, 1, true, true])
  // the state goes on from an older one, too
  const old = history[3]!.config.configurable!.checkpoint_id as string
  await graph.updateState(at('a', old), { n: 70 })
  expect((await graph.getState(at('a'))).values).toEqual({ note: 'first', n: 70 })
})

test('a question inside an inner graph keeps what its answer needs', async () => {
  const inner = new StateGraph(Counted)
    .addNode('think', ({ n = 0 }) => ({ n: n + 100 }))
    .addNode('ask', () => ({ note: interrupt('Which note?') as string }))
    .addEdge(START, 'think')
    .addEdge('think', 'ask')
    .addEdge('ask', END)
    .compile()
  const build = () => new StateGraph(Counted).addNode('inner', inner).addEdge(START, 'inner').addEdge('inner', END)
  const graph = build().compile({ checkpointer: await checkpointer(await openProgram().open(), { keep: 1 }) })
  const other = build().compile({ checkpointer: new MemorySaver() })
  for (const one of [graph, other])
    for (const note of ['a', 'b', 'c']) {
      await one.invoke({ n: 1 }, at('talk'))
      expect(await one.invoke(new Command({ resume: note }), at('talk'))).toEqual({ n: 101, note })
    }
  const history = await historyOf(graph as unknown as Graph, 'talk')
  expect(history.map(({ values }) => values)).toEqual([{ n: 101, note: 'c' }])
})

test('a list reads all parts of a thread at once', async () => {
  const { runtime } = await openProgram().open()
  const { checkpoints } = runtime!
  const own = checkpoints.of()
  const counted = { reads: 0 }
  const counting = (of: object) =>
    new Proxy(of, {
      get(target, name) {
        const method = Reflect.get(target, name)
        if (typeof method !== 'function') return method
        return (...args: unknown[]) => {
          if (['get', 'values', 'writes', 'snapshot'].includes(String(name))) counted.reads++
          return method.apply(target, args)
        }
      },
    })
  const graph = counter().compile({ checkpointer: createSaver(counting(own) as typeof own) })
  for (let n = 0; n < 5; n++) await graph.invoke({}, at('a'))
  counted.reads = 0
  const history = await historyOf(graph, 'a')
  expect([history.length, counted.reads]).toEqual([15, 1])
  expect(history[0]!.values).toEqual({ n: 5 })
})

// a kill repeats the nodes whose checkpoints are not stored
test.each([
  ['sync', ['stored', 'stored', 'add', 'stored', 'last', 'stored']],
  ['async', ['add', 'last', 'stored', 'stored', 'stored', 'stored']],
] as const)('with %s, a node begins when these checkpoints are stored', async (durability, order) => {
  const own = (await openProgram().open()).runtime!.checkpoints.of()
  const seen: string[] = []
  const put: typeof own.put = async (...args) => {
    await own.put(...args)
    seen.push('stored')
  }
  const graph = new StateGraph(Counted)
    .addNode('add', () => ({ n: seen.push('add') }))
    .addNode('last', () => ({ n: seen.push('last') }))
    .addEdge(START, 'add')
    .addEdge('add', 'last')
    .addEdge('last', END)
    .compile({ checkpointer: createSaver({ ...own, put }) })
  await graph.invoke({ n: 1 }, { ...at('a'), durability })
  expect(seen).toEqual(order)
})

test('the number to keep is a whole number from 1', async () => {
  const app = await openProgram().open()
  for (const keep of [0, 1.5, Number.NaN])
    await expect(checkpointer(app, { keep })).rejects.toThrow(
      `Expected a whole number of checkpoints from 1, got ${keep}.`,
    )
})
