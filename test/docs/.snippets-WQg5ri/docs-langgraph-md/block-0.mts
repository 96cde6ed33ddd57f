import { Annotation, END, START, StateGraph } from '@langchain/langgraph'
import { start } from 'antiphon'
import { checkpointer } from '@antiphon/langgraph'

const State = Annotation.Root({ visits: Annotation<number> })
const builder = new StateGraph(State)
  .addNode('count', ({ visits = 0 }) => ({ visits: visits + 1 }))
  .addEdge(START, 'count')
  .addEdge('count', END)

await using app = await start()
const graph = builder.compile({ checkpointer: await checkpointer(app) })
const ada = { configurable: { thread_id: 'ada' } }
await graph.invoke({ visits: 5 }, ada)
console.log((await graph.getState(ada)).values)
