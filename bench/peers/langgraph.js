import { Annotation, END, Send, START, StateGraph } from '@langchain/langgraph'
import { PostgresSaver } from '@langchain/langgraph-checkpoint-postgres'
import pg from 'pg'

let saver

/** LangGraph.js under a load of runs: a node for each step of a chain; what is done side by side is sent to one node. Each step is durable before the next. */
export async function openRuns({ shape, steps }, { address }) {
  saver ??= await openSaver(address)
  const graph = GRAPHS[shape](steps).compile({ checkpointer: saver })
  return async (id) => {
    const config = { configurable: { thread_id: `${id}-${steps}` }, recursionLimit: steps + 10, durability: 'sync' }
    return (await graph.invoke({ value: 0 }, config)).value
  }
}

/** A saver of checkpoints on that database, with as many connections as DBOS has. */
export async function openSaver(address) {
  const opened = new PostgresSaver(new pg.Pool({ connectionString: address, max: 20 }))
  await opened.setup()
  return opened
}

const GRAPHS = { chain: chainOf, fan: fanOf, each: eachOf }

function chainOf(steps) {
  const graph = new StateGraph(Annotation.Root({ value: Annotation() }))
  for (let n = 0; n < steps; n++) graph.addNode(`step-${n}`, async ({ value }) => ({ value: value + 1 }))
  for (let n = 1; n < steps; n++) graph.addEdge(`step-${n - 1}`, `step-${n}`)
  return graph.addEdge(START, 'step-0').addEdge(`step-${steps - 1}`, END)
}

/** The others are sent by the first, and the last waits for all of them. */
function fanOf(steps) {
  return counting('first', 'step', 'last')
    .addEdge(START, 'first')
    .addConditionalEdges('first', () => sends(steps - 2))
    .addEdge('step', 'last')
    .addEdge('last', END)
}

function eachOf(steps) {
  return counting('step')
    .addConditionalEdges(START, () => sends(steps))
    .addEdge('step', END)
}

/** A graph of these nodes, each of which counts itself. */
function counting(...nodes) {
  const value = Annotation({ reducer: (sum, one) => sum + one, default: () => 0 })
  const graph = new StateGraph(Annotation.Root({ value }))
  for (const node of nodes) graph.addNode(node, async () => ({ value: 1 }))
  return graph
}

const sends = (count) => Array.from({ length: count }, (_, n) => new Send('step', { n }))
