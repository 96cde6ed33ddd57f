import type { JSONRPCMessage } from '@modelcontextprotocol/client'
import { z } from 'zod'
import { TerminalError } from '../../../errors.ts'
import { answerIn } from '../failure.ts'
import type { InputRequest, ServerAnswer } from '../port.ts'
import { plainText } from '../settings.ts'
import type { EndingTransport } from './stdio.ts'
import { readToolResult } from './tool-result.ts'
import { withWholeResult } from './whole-results.ts'

/** The extension by which a server answers a call with a task. */
export const TASKS_EXTENSION = 'io.modelcontextprotocol/tasks'

/** Where a result names the task that it stands for. */
const TASK_META = 'antiphon/task'

const created = z.looseObject({
  taskId: z.string().min(1).max(4096),
  pollIntervalMs: z.number().nonnegative().optional(),
})

/** A task as a server describes it. */
export const taskSchema = z.looseObject({
  ...created.shape,
  status: z.enum(['working', 'input_required', 'completed', 'failed', 'cancelled']),
  statusMessage: z.string().optional(),
  inputRequests: z.record(z.string(), z.looseObject({ method: z.string() })).optional(),
  result: z.looseObject({}).optional(),
  error: z.looseObject({ message: z.string() }).optional(),
})

/** A transport whose tasks pass as results: the package of the client takes no task for the answer to a call. */
export function withTasks<Transport extends EndingTransport>(transport: Transport): Transport {
  const seen: Pick<EndingTransport, 'onmessage'> = {}
  Object.defineProperty(transport, 'onmessage', {
    get: () => seen.onmessage && ((message: JSONRPCMessage, extra: never) => seen.onmessage!(asResult(message), extra)),
    set: (listener: NonNullable<EndingTransport['onmessage']>) => {
      seen.onmessage = listener
    },
  })
  return transport
}

function asResult(message: JSONRPCMessage): JSONRPCMessage {
  const { result } = message as { readonly result?: { readonly resultType?: unknown } }
  if (result?.resultType !== 'task') return withWholeResult(message)
  return { ...message, result: { resultType: 'complete', content: [], _meta: { [TASK_META]: result } } } as never
}

/** The task that a result stands for; undefined for a result. */
export function taskIn({ _meta }: { readonly _meta?: { readonly [key: string]: unknown } | undefined }) {
  return _meta?.[TASK_META] === undefined ? undefined : created.parse(_meta[TASK_META])
}

const SHORTEST_POLL_MS = 200
const LONGEST_POLL_MS = 60_000

/** ms until the next look at a task, as its server asks for, within reason. */
export const pollDelay = ({ pollIntervalMs = 1000 }: { readonly pollIntervalMs?: number | undefined }): number =>
  Math.min(LONGEST_POLL_MS, Math.max(SHORTEST_POLL_MS, pollIntervalMs))

/** The outcome of a task; undefined while it works. TerminalError when it failed or was cancelled. */
export function answerOfTask(name: string, task: z.infer<typeof taskSchema>): ServerAnswer | undefined {
  const said = task.statusMessage === undefined ? '' : `: ${plainText(task.statusMessage)}`
  switch (task.status) {
    case 'working':
      return undefined
    case 'input_required':
      return { ...NOTHING, asks: { requests: (task.inputRequests ?? {}) as { readonly [key: string]: InputRequest } } }
    case 'completed':
      return answerIn(`The task of ${name}`, readToolResult(task.result ?? {}))
    case 'failed':
      throw new TerminalError(`The MCP server ${name} reports a failed task: ${plainText(task.error?.message ?? '')}`, {
        code: 'mcp_refused',
      })
    case 'cancelled':
      throw new TerminalError(`The MCP server ${name} cancelled the task${said}`, { code: 'mcp_refused' })
  }
}

const NOTHING = { content: [], structured: null, isError: false }
