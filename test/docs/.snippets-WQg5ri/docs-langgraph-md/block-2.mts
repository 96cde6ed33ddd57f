import { Annotation, END, START, StateGraph } from '@langchain/langgraph'
import { defineWorkflow, start } from 'antiphon'
import { checkpointer, runNode } from '@antiphon/langgraph'
import { z } from 'zod'

const charge = defineWorkflow({
  name: 'charge',
  input: z.object({ cents: z.number() }),
  run: (ctx, { cents }) => ctx.step('charge', () => `charged ${cents}`),
})
const ship = { text: 'name: ship\nsteps: [{ id: ship, action: "echo shipped" }]\noutputs: { said: "{{ ship }}" }' }

const app = await start({ workflows: [charge], pipelines: { ship } })
const State = Annotation.Root({ cents: Annotation<number>, receipt: Annotation<string>, sent: Annotation<unknown> })
const order = new StateGraph(State)
  .addNode(
    'charge',
    runNode(app, charge, {
      input: ({ cents }: typeof State.State) => ({ cents }),
      update: (receipt) => ({ receipt }),
    }),
  )
  .addNode('ship', runNode(app, 'ship', { input: () => ({}), update: ({ said }) => ({ sent: said }) }))
  .addEdge(START, 'charge')
  .addEdge('charge', 'ship')
  .addEdge('ship', END)
  .compile({ checkpointer: await checkpointer(app) })
console.log(await order.invoke({ cents: 100 }, { configurable: { thread_id: 'order-7' } }))
await app.stop()
