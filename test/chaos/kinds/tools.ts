import { setTimeout as sleep } from 'node:timers/promises'
import { z } from 'zod'
import { RetryableError, TerminalError } from '../../../src/errors.ts'
import type { Json } from '../../../src/kernel/schema.ts'
import type { EffectClass } from '../../../src/kernel/types.ts'
import { defineTool, type Tool, type ToolContext } from '../../../src/tool/tool.ts'
import { callsIn, type Log, lineOf } from './log.ts'

const input = z.object({
  /** the case */
  of: z.string(),
  v: z.union([z.string(), z.number()]),
  /** how many of its calls fail, and after how many ms the next one may come */
  fails: z.number().default(0),
  delay: z.number().default(1),
})
type Given = z.infer<typeof input>
type Call = Given & { readonly log: Log; readonly label: string; readonly context: ToolContext }

/** Tools that write into a log what they do, before and after; each call takes `ms`. */
export function toolsOn(logOf: (context: Pick<ToolContext, 'root'>) => Log, ms: number): readonly Tool[] {
  const define = (name: string, effect: EffectClass, act: (call: Call) => Promise<Json> | Json) =>
    defineTool({
      name,
      description: 'Writes down that it was called',
      input,
      effect,
      async execute(given, context): Promise<Json> {
        const [log, label] = [logOf(context), labelOf(given)]
        log.write(lineOf({ word: 'start', key: context.idempotencyKey, label }))
        const result = await act({ ...given, log, label, context })
        if (ms > 0) await sleep(ms)
        log.write(lineOf({ word: 'end', key: context.idempotencyKey, label }))
        return result
      },
    })
  return [
    define('look', 'pure', ({ v }) => ({ v })),
    define('keep', 'idempotent', ({ v }) => ({ v })),
    define('post', 'at-most-once', ({ v }) => ({ v })),
    define('stumble', 'idempotent', stumble),
    define('report', 'idempotent', (call) => (mayFail(call) ? { success: false, error: 'not yet' } : { v: call.v })),
    define('crumble', 'idempotent', () => {
      throw new TerminalError('it always fails', { code: 'tool_error' })
    }),
    define('mendable', 'idempotent', mendable),
    define('hang', 'idempotent', hang),
    {
      ...define('book', 'idempotent', ({ v }) => ({ v })),
      prepare: () => ({ before: 'nothing' }),
      undo({ input, memo }, { idempotencyKey: key, root }) {
        logOf({ root }).write(
          lineOf({ word: 'undo', key, label: `${labelOf(input as Given)} ${JSON.stringify(memo)}` }),
        )
      },
    },
  ]
}

const labelOf = ({ of, v }: Given) => `${of} ${v}`

/** Works only once its step was helped. */
function mendable({ v, context }: Call): Json {
  if (!context.idempotencyKey.includes('again')) throw new TerminalError('it is broken', { code: 'tool_error' })
  return { v }
}

function stumble(call: Call): Json {
  if (mayFail(call)) throw new RetryableError('not yet', { delay: call.delay })
  return { v: call.v }
}

/** Counted outside, so that a killed process does not begin anew, nor a step that is done under another key. */
function mayFail({ log, label, fails, context: { idempotencyKey: key } }: Call): boolean {
  const failed = callsIn(log.read()).filter((line) => line.word === 'fail' && line.label === label).length
  if (failed < fails) log.write(lineOf({ word: 'fail', key, label }))
  return failed < fails
}

/** Goes on until it is called off, and cleans up then. */
function hang({ log, label, context: { signal, idempotencyKey: key } }: Call): Promise<Json> {
  return new Promise((_, reject) => {
    const end = () => {
      log.write(lineOf({ word: 'clean', key, label }))
      reject(signal.reason)
    }
    if (signal.aborted) end()
    else signal.addEventListener('abort', end, { once: true })
  })
}
