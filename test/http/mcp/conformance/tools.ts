import { setTimeout as sleep } from 'node:timers/promises'
import { z } from 'zod'
import { defineTool } from '../../../../src/index.ts'
import type { Json } from '../../../../src/kernel/schema.ts'

/** A tool for the scenarios; `a:b_c` is offered as `a_b_c`. */
const made = <Shape extends z.ZodRawShape>(
  name: string,
  shape: Shape,
  execute: (input: z.infer<z.ZodObject<Shape>>, signal: AbortSignal) => Json | Promise<Json>,
) =>
  defineTool({
    ...{ name, description: `For the scenarios: ${name}`, effect: 'pure' as const },
    input: z.object(shape) as never,
    execute: (input: never, { signal }) => execute(input, signal),
  })

const LATER_MS = 1500

async function later<T>(value: T, signal: AbortSignal, ms = LATER_MS): Promise<T> {
  await sleep(ms, undefined, { signal })
  return value
}

function fail(message: string): never {
  throw new TypeError(message)
}

export default [
  made('test:simple_text', {}, () => 'This is a simple text response for testing.'),
  made('test:error_handling', {}, () => fail('This tool intentionally returns an error for testing')),
  made('test:logging_tool', {}, () => 'It writes no log.'),
  made('greet', { name: z.string() }, ({ name }) => `Hello, ${name}!`),
  made('slow:compute', { seconds: z.number(), label: z.string().optional() }, ({ seconds }, signal) =>
    later(`It took ${seconds} seconds.`, signal, seconds * 1000),
  ),
  made('failing:job', {}, async (_, signal) => fail(await later('It fails after a while.', signal))),
  made('test:later', { text: z.string() }, ({ text }, signal) => later(text, signal)),
]
