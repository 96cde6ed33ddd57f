import { Annotation, END, interrupt, START, StateGraph } from '@langchain/langgraph'
import { defineWorkflow, start } from 'antiphon'
import { graphTool } from '@antiphon/langgraph'
import { z } from 'zod'

const State = Annotation.Root({ topic: Annotation<string>, text: Annotation<string> })
const report = graphTool({
  name: 'report',
  description: 'Writes a report, and asks whether it is good',
  input: z.object({ topic: z.string() }),
  graph: (checkpointer) =>
    new StateGraph(State)
      .addNode('write', ({ topic }) => ({ text: `All about ${topic}` }))
      .addNode('check', ({ text }) => {
        const isGood = interrupt({ text: `Is it good? ${text}`, type: 'boolean' })
        return { text: isGood ? text : '' }
      })
      .addEdge(START, 'write')
      .addEdge('write', 'check')
      .addEdge('check', END)
      .compile({ checkpointer }),
  result: ({ text }) => text,
})
const monthly = defineWorkflow({
  name: 'monthly',
  input: z.object({ topic: z.string() }),
  run: (ctx, input) => ctx.call(report, input),
})

await using app = await start({ tools: [report], workflows: [monthly] })
const run = await app.start(monthly, { topic: 'tides' })

// a person does this: antiphon inbox
for await (const { body } of run.events()) if (body.type === 'signal-wait') break
const [asked] = await app.inbox.list({ run: run.id })
console.log(asked.title)
const [question] = asked.expects.questions
await run.signal(asked.signal, { [question.id]: true })
console.log(await run.result())
