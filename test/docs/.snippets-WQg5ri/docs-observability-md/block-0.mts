import { context, trace } from '@opentelemetry/api'
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks'
import { ConsoleSpanExporter, SimpleSpanProcessor, TracerProvider } from '@opentelemetry/sdk-trace'
import { start } from 'antiphon'

const exporter = new ConsoleSpanExporter()
trace.setGlobalTracerProvider(new TracerProvider({ spanProcessors: [new SimpleSpanProcessor({ exporter })] }))
context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable())

const step = `{ id: greet, tool: terminal, action: execute, parameters: { command: 'echo "$TRACEPARENT"', shell: true } }`
await using app = await start({ pipelines: { hello: { text: `{ name: Hello, steps: [${step}] }` } } })
await trace.getTracer('shop').startActiveSpan('POST /orders', async (span) => {
  const { status } = await app.run('hello', { id: 'hello-1' })
  console.log(status)
  span.end()
})
