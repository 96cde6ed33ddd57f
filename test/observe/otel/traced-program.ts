import { createServer } from 'node:http'
import { context, SpanKind, trace } from '@opentelemetry/api'
import { z } from 'zod'
import { defineAgent, defineTool, start } from '../../../src/index.ts'
import { readTraceparent } from '../../../src/observe/traceparent.ts'
import { scriptedModel } from '../../../src/testing/scripted-model.ts'

// A program for tests that traces itself. Its agent looks an order up, and prints a receipt in a child run.
// Arguments: folder, whether the look-up ends.

const [folder = '', ends] = process.argv.slice(2)
const say = (line: object) => process.stdout.write(`${JSON.stringify(line)}\n`)

const tracer = trace.getTracer('shop')

const look = defineTool({
  name: 'look',
  description: 'Looks an order up',
  effect: 'pure',
  input: z.object({ order: z.string() }),
  async execute({ order }, { idempotencyKey }) {
    say({ looks: order })
    if (ends !== 'ends') await new Promise(() => {})
    await tracer.startActiveSpan('SELECT orders', { kind: SpanKind.CLIENT }, async (span) => {
      await new Promise((resolve) => setTimeout(resolve, 5))
      span.end()
    })
    const { outputs } = await app.run('receipt', { inputs: { order }, id: idempotencyKey.replaceAll(/\W/g, '-') })
    say({ receipt: outputs.place })
    return 'planted-result'
  },
})
const agent = defineAgent({ name: 'support', instructions: 'You help.', model: 'lab/one', tools: [look] })
const call = { calls: [{ name: 'look', input: { order: 'planted-order' } }], times: 1 }
const model = scriptedModel([...(ends === 'ends' ? [] : [call]), { reply: 'planted-reply' }], 'lab/one')
const text = `
name: Receipt
inputs:
  order: { type: string }
steps:
  - id: print
    tool: terminal
    action: execute
    parameters: { command: 'printf %s "$TRACEPARENT"', shell: true }
outputs:
  place: '{{ steps.print.stdout }}'
`
const app = await start({ folder, agents: [agent], models: { 'lab/one': model }, pipelines: { receipt: { text } } })

const server = createServer((request, response) => {
  // as an instrumentation of HTTP does
  const client = readTraceparent(String(request.headers.traceparent))!
  const from = trace.setSpanContext(context.active(), { ...client, isRemote: true })
  tracer.startActiveSpan('POST /orders', { kind: SpanKind.SERVER }, from, async (span) => {
    const { id } = await app.goals.start({ agent: 'support', goal: 'Look.', id: 'goal_1', owner: 'ann' })
    response.writeHead(202).end(id)
    span.end()
  })
}).listen(0, '127.0.0.1', () => say({ port: (server.address() as { readonly port: number }).port }))

if (ends === 'ends') {
  for await (const _ of app.goals.events('goal_1'));
  await app.stop()
  server.close()
}
