import { Annotation, END, interrupt, START, StateGraph } from '@langchain/langgraph'
import { expect, test } from 'vitest'
import { z } from 'zod'
import { graphTool } from '../../packages/langgraph/src/index.ts'
import { sortOwnership } from '../../src/house/owned.ts'
import { type App, defineAgent, defineWorkflow, RetryableError } from '../../src/index.ts'
import { roomOwnership } from '../../src/rooms/rooms.ts'
import { scriptedModel, until } from '../../src/testing/index.ts'
import { callHere } from '../../src/tool/question.ts'
import { openProgram } from './folder.ts'

const Letter = Annotation.Root({ to: Annotation<string>, draft: Annotation<string>, sent: Annotation<string> })

/** Drafts a letter, asks whether it may go, and sends it. `did` has each node that ran. */
function letterTool(did: string[], asked: unknown = { text: 'Send it?', type: 'boolean' }) {
  return graphTool({
    name: 'letter',
    description: 'Writes a letter',
    input: z.object({ to: z.string() }),
    approve: false,
    graph: (checkpointer) =>
      new StateGraph(Letter)
        .addNode('write', ({ to }) => {
          did.push('write')
          return { draft: `Dear ${to}` }
        })
        .addNode('ask', () => {
          did.push('ask')
          const answer: unknown = interrupt(asked)
          return { sent: `answer ${JSON.stringify(answer)}` }
        })
        .addEdge(START, 'write')
        .addEdge('write', 'ask')
        .addEdge('ask', END)
        .compile({ checkpointer }),
    result: ({ draft, sent }) => ({ draft, sent }),
  })
}

/** A pipeline whose outputs are the results of its steps. */
const steps = (...all: readonly { readonly id: string; readonly [key: string]: unknown }[]) => ({
  text: JSON.stringify({
    name: 'p',
    steps: all,
    outputs: Object.fromEntries(all.map(({ id }) => [id, `{{ ${id} }}`])),
  }),
})

/** The questions that wait, with the id of the one item of each. */
async function questionsOf(app: App) {
  const items = await app.inbox.list()
  return items.map((item) => {
    const { run, signal, title, expects } = item as unknown as {
      readonly run: string
      readonly signal: string
      readonly title: string
      readonly expects: { readonly questions: readonly [{ readonly id: string; readonly type: string }] }
    }
    return { run, signal, title, ...expects.questions[0] }
  })
}

test('a pipeline calls a graph, whose interrupt waits in the inbox over a restart', async () => {
  const did: string[] = []
  const program = openProgram()
  const parts = {
    tools: [letterTool(did)],
    pipelines: {
      p: steps(
        { id: 'first', tool: 'echo', parameters: { action: 'echo x' } },
        { id: 'letter', tool: 'letter', parameters: { to: 'Ada' }, dependencies: ['first'] },
        { id: 'beside', tool: 'letter', parameters: { to: 'Bob' } },
      ),
    },
  }
  const first = await program.open(parts)
  const ending = first.run('p', { id: 'r1' }).catch(() => {})
  await until(async () => (await questionsOf(first)).length === 2)
  expect(did.toSorted()).toEqual(['ask', 'ask', 'write', 'write'])
  expect((await questionsOf(first)).map(({ signal, title }) => `${signal}: ${title}`).toSorted()).toEqual([
    'beside: letter asks: Send it?',
    'letter: letter asks: Send it?',
  ])
  await first.stop()
  await ending

  const app = await program.open(parts)
  const asked = await questionsOf(app)
  const wrong = app.runs.signal('r1', 'letter', { [asked[0]!.id]: 'perhaps' })
  await expect(wrong).rejects.toMatchObject({ code: 'bad_value' })
  for (const { signal, id } of asked) await app.runs.signal('r1', signal, { [id]: true })
  const run = await app.run('p', { id: 'r1' })
  expect(run).toMatchObject({ status: 'completed' })
  expect(run.outputs.letter).toEqual({ draft: 'Dear Ada', sent: 'answer true' })
  expect(did.toSorted()).toEqual(['ask', 'ask', 'ask', 'ask', 'write', 'write'])
})

test('a workflow calls a graph that asks twice in one node, and one answer is not taken for two', async () => {
  const did: string[] = []
  const twice = graphTool({
    name: 'twice',
    description: 'Asks twice',
    input: z.object({}),
    graph: (checkpointer) =>
      new StateGraph(Annotation.Root({ said: Annotation<string[]> }))
        .addNode('ask', () => {
          const said = [interrupt('one?'), interrupt({ question: 'two?', options: ['a', 'b'] })]
          did.push(said.join())
          return { said }
        })
        .addEdge(START, 'ask')
        .addEdge('ask', END)
        .compile({ checkpointer }),
  })
  const flow = defineWorkflow({ name: 'flow', input: z.object({}), run: (ctx) => ctx.call(twice, {}) })
  const app = await openProgram().open({ tools: [twice], workflows: [flow] })
  const run = await app.start(flow, {})
  for (const [title, type, answer] of [
    ['twice asks: one?', 'text', 'first'],
    ['twice asks: two?', 'choice', 'b'],
  ] as const) {
    await until(async () => (await questionsOf(app))[0]?.title === title)
    const [asked] = await questionsOf(app)
    expect(asked).toMatchObject({ run: run.id, type })
    await run.signal(asked!.signal, { [asked!.id]: answer })
  }
  expect(await run.result()).toEqual({ said: ['first', 'b'] })
  expect(did).toEqual(['first,b'])
})

test('a graph in a graph asks a person, and goes on in the inner graph after a restart', async () => {
  const did: string[] = []
  const Said = Annotation.Root({ said: Annotation<string[]>({ reducer: (a, b) => [...a, ...b], default: () => [] }) })
  const says = (name: string) => () => {
    did.push(name)
    return { said: [name] }
  }
  const asks = (name: string) => () => {
    did.push(name)
    const answer: unknown = interrupt(`${name}?`)
    return { said: [`${name} ${answer}`] }
  }
  const nested = graphTool({
    name: 'nested',
    description: 'Asks in an inner graph',
    input: z.object({ said: z.array(z.string()) }),
    graph(checkpointer) {
      const inner = new StateGraph(Said)
        .addNode('first', says('inner-first'))
        .addNode('ask', asks('inner-ask'))
        .addNode('last', asks('inner-last'))
        .addEdge(START, 'first')
        .addEdge('first', 'ask')
        .addEdge('ask', 'last')
        .addEdge('last', END)
        .compile()
      return new StateGraph(Said)
        .addNode('begin', says('begin'))
        .addNode('inner', inner)
        .addNode('beside', () => {
          asks('beside')()
          // no update: its task ends without a value
          return {}
        })
        .addNode('end', says('end'))
        .addEdge(START, 'begin')
        .addEdge('begin', 'inner')
        .addEdge('begin', 'beside')
        .addEdge('inner', 'end')
        .addEdge('beside', 'end')
        .addEdge('end', END)
        .compile({ checkpointer })
    },
    result: ({ said }) => said,
  })
  const parts = { tools: [nested], pipelines: { p: steps({ id: 's', tool: 'nested', parameters: { said: [] } }) } }
  const program = openProgram()
  const first = await program.open(parts)
  const ending = first.run('p', { id: 'r' }).catch(() => {})
  const isAsked = (app: App, title: string) =>
    until(async () => (await questionsOf(app)).some((asked) => asked.title === `nested asks: ${title}`))
  await isAsked(first, 'inner-ask? beside?')
  await first.stop()
  await ending
  const app = await program.open(parts)
  const [both] = await app.inbox.list()
  const { questions } = (both as unknown as { readonly expects: { readonly questions: readonly { id: string }[] } })
    .expects
  await app.runs.signal('r', 's', { [questions[0]!.id]: 'yes', [questions[1]!.id]: 'maybe' })
  await isAsked(app, 'inner-last?')
  const [last] = await questionsOf(app)
  await app.runs.signal('r', 's', { [last!.id]: 'no' })
  const { outputs } = await app.run('p', { id: 'r' })
  expect(outputs.s).toEqual(['begin', 'begin', 'inner-first', 'inner-ask yes', 'inner-last no', 'end'])
  // a node that asked runs again with its answer, and no other one
  const times = (name: string) => did.filter((one) => one === name).length
  expect(['begin', 'inner-first', 'inner-ask', 'inner-last', 'beside', 'end'].map(times)).toEqual([1, 1, 2, 2, 2, 1])
})

test('an agent calls a graph, and a person answers for it', async () => {
  const letter = letterTool([], { text: 'Send it?', type: 'boolean' })
  const clerk = defineAgent({
    name: 'clerk',
    description: 'Writes',
    instructions: 'Write.',
    tools: [letter],
    model: 'm',
  })
  const m = scriptedModel([
    { match: 'answer true', reply: 'It is sent.' },
    { calls: [{ name: 'letter', input: { to: 'Ada' } }] },
  ])
  const app = await openProgram().open({
    agents: [clerk],
    models: { 'test/m': m },
    prices: { 'test/m': { input: 1, output: 1 } },
  })
  const { id } = await app.goals.start({ agent: clerk, goal: 'Write to Ada.' })
  await until(async () => (await questionsOf(app)).length === 1)
  const [asked] = await questionsOf(app)
  await app.runs.signal(asked!.run, asked!.signal, { [asked!.id]: true })
  await until(async () => (await app.goals.get(id)).status === 'completed')
  expect((await app.goals.get(id)).answer).toBe('It is sent.')
})

test('a node that fails is repeated alone, and threads of calls end with their run', async () => {
  const did: string[] = []
  const shaky = graphTool({
    name: 'shaky',
    description: 'Fails once',
    input: z.object({ n: z.number() }),
    graph: (checkpointer) =>
      new StateGraph(Annotation.Root({ n: Annotation<number> }))
        .addNode('add', ({ n }) => {
          did.push('add')
          return { n: n + 1 }
        })
        .addNode('fail', ({ n }) => {
          did.push('fail')
          if (did.filter((one) => one === 'fail').length < 2) throw new RetryableError('not now', { delay: 1 })
          return { n: n * 10 }
        })
        .addEdge(START, 'add')
        .addEdge('add', 'fail')
        .addEdge('fail', END)
        .compile({ checkpointer }),
  })
  const step = { id: 's', tool: 'shaky', parameters: { n: 1 } }
  const app = await openProgram().open({ tools: [shaky], pipelines: { p: steps(step) } })
  const run = await app.run('p', { id: 'r' })
  expect(run.outputs.s).toEqual({ n: 20 })
  expect(did).toEqual(['add', 'fail', 'fail'])
  expect(sortOwnership(roomOwnership).ofRuns).toContain('graph-thread')
  const { view } = app.runtime!.engine
  expect(await view.list('graph-thread')).toMatchObject([{ index: { run: 'r' } }])
})

test('a graph that stops without an interrupt fails, and so does a question without a run', async () => {
  const plain = (options: object) =>
    graphTool({
      name: 'plain',
      description: 'Stops',
      input: z.object({}),
      graph: (checkpointer) =>
        new StateGraph(Letter)
          .addNode('write', () => ({ draft: 'x' }))
          .addEdge(START, 'write')
          .addEdge('write', END)
          .compile({ checkpointer, ...options }),
    })
  const here = { signal: new AbortController().signal, idempotencyKey: 'k', root: '/', roots: [], emit() {} }
  await expect(callHere(plain({ interruptBefore: ['write'] }), {}, here)).rejects.toThrow('stopped before write')
  expect(await callHere(plain({}), {}, here)).toEqual({ draft: 'x' })
  await expect(callHere(letterTool([]), { to: 'Ada' }, here)).rejects.toMatchObject({ code: 'question' })
})
