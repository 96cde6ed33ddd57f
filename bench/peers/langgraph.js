import { Annotation, END, Send, START, StateGraph } from '@langchain/langgraph'
import { PostgresSaver } from '@langchain/langgraph-checkpoint-postgres'

let saver

/** LangGraph.js under a load of runs: a node for each step of a chain; a fan-out is sent to one node. Each step is durable before the next. */
export async function openRuns({ shape, steps }, { address }) {
  saver ??= await openSaver(address)
  const graph = GRAPHS[shape](steps).compile({ checkpointer: saver })
  return async (id) => {
    const config = { configurable: { thread_id: `${id}-${steps}` }, recursionLimit: steps + 10, durability: 'sync' }
    return (await graph.invoke({ value: 0 }, config)).value
  }
}

async function openSaver(address) {
  const opened = PostgresSaver.fromConnString(address)
  await opened.setup()
  return opened
}

const GRAPHS = { chain: chainOf, fan: fanOf }

function chainOf(steps) {
  const graph = new StateGraph(Annotation.Root({ value: Annotation() }))
  for (let n = 0; n < steps; n++) graph.addNode(`step-${n}`, async ({ value }) => ({ value: value + 1 }))
  for (let n = 1; n < steps; n++) graph.addEdge(`step-${n - 1}`, `step-${n}`)
  return graph.addEdge(START, 'step-0').addEdge(`step-${steps - 1}`, END)
}

function fanOf(steps) {
  const value = Annotation({ reducer: (sum, one) => sum + one, default: () => 0 })
  return new StateGraph(Annotation.Root({ value }))
    .addNode('step', async () => ({ value: 1 }))
    .addConditionalEdges(START, () => Array.from({ length: steps }, (_, n) => new Send('step', { n })))
    .addEdge('step', END)
}
