import { extname } from 'node:path'
import { errorOf, is, RetryableError, UnknownError } from '../../errors.ts'
import type { Json } from '../../kernel/json.ts'
import { processWorker } from '../../worker/isolation/process.ts'
import { WORKER_LOST, type Worker } from '../../worker/worker.ts'
import { type CallContext, effectClassOf, type Tool, type ToolContext, ToolFailure } from '../tool.ts'
import { callForIn } from './call-for-in.ts'
import type { IsolatedToolCall, IsolatedToolMessage, IsolatedToolResult } from './isolated-call.ts'
import { type PartsOfProcess, type PartToProcess, partsOfProcess } from './isolated-parts.ts'

type Hear = (message: IsolatedToolMessage, reply: (message: PartToProcess) => void) => void

/**
 * A tool of a plugin whose code runs in a process of its own. Each call under way has one, and an idle one serves the
 * next call. Its crash fails the call; a cancelled call is killed if it does not end.
 */
export function isolateTool(tool: Tool, file: string): Tool {
  const call = createProcesses(tool)
  const act =
    (part: IsolatedToolCall['part']) =>
    (input: unknown, context: ToolContext & Partial<CallContext>): Promise<Json> => {
      const { signal, emit, tellLate, idempotencyKey, root, roots } = context
      let parts: PartsOfProcess | undefined
      const hear: Hear = (message, reply) => {
        if ('late' in message) return tellLate?.(message.late)
        if ('delta' in message) return emit(message.delta)
        parts ??= partsOfProcess(context.once)
        parts.hear(message, reply)
      }
      const made = {
        file,
        tool: tool.name,
        part,
        input,
        context: { ...callForIn(context), idempotencyKey, root, roots },
      }
      return call(made, signal, hear).finally(() => parts?.end())
    }
  const { confined, prepare, undo } = tool
  return Object.assign(Object.create(tool) as Tool, {
    execute: act('execute'),
    ...(confined && { confined: act('confined') }),
    ...(prepare && { prepare: act('prepare') }),
    ...(undo && { undo: act('undo') }),
  })
}

const ENTRY = new URL(`./isolated-call${extname(import.meta.url)}`, import.meta.url)
/** An idle process ends after this time. */
const IDLE_MS = 30_000
/** A cancelled call has this long to clean up. */
const GRACE_MS = 200
const STDERR = 2

function createProcesses(tool: Tool) {
  const { name, memory } = tool
  const idle: { readonly worker: Worker; readonly end: NodeJS.Timeout }[] = []
  const limit = memory === undefined ? {} : { memory }
  // the plugin was loaded in this process, too: it may read the same environment there, and print to the same place
  const shared = { environment: process.env, prints: STDERR }
  const start = () => processWorker({ id: name, file: ENTRY, grace: GRACE_MS, ...shared, ...limit })

  function take(): Worker {
    const free = idle.pop()
    clearTimeout(free?.end)
    return free?.worker ?? start()
  }

  function giveBack(worker: Worker): void {
    const end = setTimeout(() => {
      idle.splice(idle.indexOf(entry), 1)
      void worker.retire?.()
    }, IDLE_MS).unref()
    const entry = { worker, end }
    idle.push(entry)
  }

  return async (call: IsolatedToolCall, signal: AbortSignal, hear: Hear): Promise<Json> => {
    const worker = take()
    try {
      const ended = await worker.call!('callTool', call, signal, (message, reply) =>
        hear(message as IsolatedToolMessage, reply),
      )
      return resultOf(ended as IsolatedToolResult)
    } catch (error) {
      if (is(error) && error.code === WORKER_LOST) throw crashed(tool, call, error)
      throw error
    } finally {
      giveBack(worker)
    }
  }
}

function resultOf(ended: IsolatedToolResult): Json {
  if ('result' in ended) return ended.result
  const { problem, failed } = ended
  if (failed === undefined) throw errorOf(problem)
  const { message, code, hint } = problem
  throw new ToolFailure(message, { code, result: failed, ...(hint !== undefined && { hint }) })
}

/** A crash leaves open whether an at-most-once call took place. */
function crashed(tool: Tool, { part, input }: IsolatedToolCall, { cause }: Error): Error {
  const { name, memory } = tool
  const { message = 'it ended' } = (cause ?? {}) as Partial<Error>
  const hint =
    memory === undefined || !OUT_OF_MEMORY.test(message)
      ? undefined
      : `It may have needed more than its ${memory} MB (\`memory\`).`
  const what = `The process of ${name} crashed: ${message}`
  const acts = part === 'execute' || part === 'confined'
  return acts && effectClassOf(tool, input) === 'at-most-once'
    ? new UnknownError(`${what}; it is unknown whether the call took place.`, { hint, cause })
    : new RetryableError(what, { code: 'tool_failed', hint, cause })
}

/** How a process ends when its memory is used up: by V8, or by the system. */
const OUT_OF_MEMORY = /SIGABRT|SIGKILL|SIGTRAP|SIGILL|code 134/
