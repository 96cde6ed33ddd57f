import type { CallToolResult, InputRequiredResult } from '@modelcontextprotocol/client'
import { z } from 'zod'
import type { EffectClass } from '../../kernel/types.ts'
import { unlessAborted } from '../../lib/time/unless-aborted.ts'
import { argumentsFor } from './check-schema.ts'
import type { ConnectionParts, ConnectTimeouts, McpConnection } from './connect.ts'
import { answerIn, failureOf } from './failure.ts'
import type { LockFile } from './lock-file.ts'
import { checkPin, leftOutText, pinIn, pinsOf, type ServerPins } from './pins.ts'
import type { InputRequest, McpServer, ServerAnswer } from './port.ts'
import { type McpServerSettings, plainText } from './settings.ts'
import { keepConnection, type ServerSession } from './transport/connection-keeper.ts'
import { MAX_REQUEST_MS } from './transport/http.ts'
import { sayOnce } from './transport/say-once.ts'
import { answerOfTask, pollDelay, taskIn, taskSchema } from './transport/tasks.ts'
import { wholeIn, wholeTool } from './transport/whole-results.ts'
import { notTrusted, type ServerTrust } from './trust.ts'

/** The key of a call in its `_meta`: the same over all attempts and restarts, so a server knows a repetition. */
export const IDEMPOTENCY_META = 'antiphon/idempotency-key'

export type ServerParts = ConnectionParts & {
  readonly lock: LockFile
  readonly trust: ServerTrust
  /** receives messages for people, such as that pins were written */
  readonly notice: (line: string) => void
  readonly timeouts?: ConnectTimeouts
}

/** ms after which the tools of a server are listed again before a call. */
const LOOK_AGAIN_MS = 60_000

export function createMcpServer(name: string, settings: McpServerSettings, parts: ServerParts): McpServer {
  const { lock, trust } = parts
  const keeper = keepConnection(name, settings, parts, checkTrust)
  const { list, look } = watchTools(name, parts, keeper.closing)

  async function checkTrust(): Promise<void> {
    const state = await trust.stateOf(name, settings, await lock.pins(name))
    if (state !== 'trusted') throw notTrusted(name, settings, state)
  }

  /** Runs a request over the connection. An error of it becomes one of antiphon's. */
  async function request<T>(
    what: string,
    { signal, effect }: { readonly signal: AbortSignal; readonly effect?: EffectClass },
    act: (at: ServerSession) => Promise<T>,
    isTrusted = false,
  ): Promise<T> {
    const standing = keeper.current()
    let at: ServerSession | undefined
    let isSent = false
    try {
      at = await keeper.connected(signal, isTrusted)
      if (!isTrusted) await unlessAborted(look(at), signal)
      if (effect) checkPin(name, what, at, lock.file)
      isSent = true
      const answer = await act(at)
      keeper.noteAnswer()
      return answer
    } catch (error) {
      const failure = failureOf(error, {
        server: name,
        what,
        signal,
        fault: at?.connection.fault(),
        ...(effect && isSent && { effect }),
      })
      if (at && (isForgotten(error) || !at.connection.isOpen())) await keeper.drop(at)
      // a server that restarted took no part in this request: it does not know the session
      if (at && at === standing && isForgotten(error)) return request(what, { signal, ...(effect && { effect }) }, act)
      throw failure
    }
  }

  return {
    name,
    settings,
    async pins(signal) {
      const known = await lock.pins(name)
      if (known) return known
      return request('its tools', { signal }, async ({ pinned }) => pinned)
    },
    call: (tool, input, options) => request(tool, options, (at) => callTool(name, at, tool, input, options)),
    task: (id, options) =>
      request(`the task ${plainText(id, 100)}`, { signal: options.signal }, ({ connection: { client } }) =>
        lookAtTask(name, client, id, options),
      ),
    capabilities: (signal) =>
      request('its capabilities', { signal }, async ({ connection: { client } }) =>
        JSON.parse(JSON.stringify(client.getServerCapabilities() ?? {})),
      ),
    resources: (signal) =>
      request('its resources', { signal }, async ({ connection: { client } }) => {
        const { resources } = await client.listResources({}, { signal, timeout: MAX_REQUEST_MS })
        return resources
      }),
    read: (uri, signal) =>
      request(uri, { signal }, async ({ connection: { client } }) => {
        const { contents } = await client.readResource({ uri }, { signal, timeout: MAX_REQUEST_MS })
        return contents
      }),
    offered: (signal) => request('its tools', { signal }, (at) => list(at, signal), true),
    close: keeper.close,
  }
}

/** The tools of a server: it lists them, and pins those of a server that never had pins. */
function watchTools(name: string, { lock, notice }: ServerParts, closing: AbortSignal) {
  const noticeOnce = sayOnce(notice)

  /** Lists the tools if the last list is too old. Waiting callers share the request. */
  async function look(at: ServerSession): Promise<void> {
    if (performance.now() - at.lookedAt < LOOK_AGAIN_MS) return
    at.looking ??= lookNow(at).finally(() => {
      at.looking = undefined
    })
    return at.looking
  }

  /** Pins the tools of a server that never had pins. */
  async function lookNow(at: ServerSession): Promise<void> {
    at.offered = await list(at, closing)
    at.pinned = (await lock.pins(name)) ?? (await firstPins(at.offered))
    at.lookedAt = performance.now()
  }

  async function list({ connection }: ServerSession, signal: AbortSignal): Promise<ServerPins> {
    // the package of the client would print a line about it
    if (!connection.client.getServerCapabilities()?.tools) return {}
    const { tools } = await connection.client.listTools(undefined, {
      signal,
      timeout: MAX_REQUEST_MS,
      cacheMode: 'refresh',
    })
    const { pins, leftOut } = pinsOf(name, tools.map(wholeTool))
    if (leftOut.length > 0) noticeOnce(leftOutText(name, leftOut))
    return pins
  }

  async function firstPins(offered: ServerPins): Promise<ServerPins> {
    await lock.write(name, offered)
    notice(`The tools of the MCP server ${name} are pinned in ${lock.file}: ${Object.keys(offered).length}.`)
    return offered
  }

  return { list, look }
}

async function callTool(
  server: string,
  { connection, offered }: ServerSession,
  tool: string,
  input: Parameters<McpServer['call']>[1],
  { idempotencyKey, signal, answer }: Parameters<McpServer['call']>[2],
) {
  connection.takeRefused()
  const schema = pinIn(offered, tool)!.input
  const params = {
    name: tool,
    arguments: argumentsFor(schema, input),
    _meta: { [IDEMPOTENCY_META]: idempotencyKey },
  }
  const more = answer && { inputResponses: answer.responses, requestState: answer.state }
  const result: CallToolResult | InputRequiredResult = await connection.client.callTool(
    { ...params, ...more } as never,
    {
      signal,
      timeout: MAX_REQUEST_MS,
      allowInputRequired: true,
      // without the schema of its output: a question has no structured content
      toolDefinition: { name: tool, inputSchema: schema as { type: 'object' } },
    },
  )
  return { ...answerOf(server, tool, result), refused: connection.takeRefused() }
}

/** Answers what a task asks, if there are responses, and looks at its state. */
async function lookAtTask(
  name: string,
  client: McpConnection['client'],
  id: string,
  { signal, responses }: Parameters<McpServer['task']>[1],
) {
  const options = { signal, timeout: MAX_REQUEST_MS }
  if (responses !== undefined)
    await client.request(
      { method: 'tasks/update', params: { taskId: id, inputResponses: responses } } as never,
      anything,
      options,
    )
  const task = await client.request({ method: 'tasks/get', params: { taskId: id } } as never, taskSchema, options)
  const answer = answerOfTask(name, task)
  return answer ? { answer } : { delay: pollDelay(task) }
}

function answerOf(server: string, tool: string, result: CallToolResult | InputRequiredResult): ServerAnswer {
  if (!('resultType' in result) || result.resultType !== 'input_required') {
    const task = taskIn(result)
    if (task) return { ...NO_RESULT, task: { id: task.taskId, delay: pollDelay(task) } }
    return answerIn(`The call of ${server}:${tool}`, wholeIn(result))
  }
  const { inputRequests, requestState } = result as InputRequiredResult
  const requests = (inputRequests ?? {}) as { readonly [key: string]: InputRequest }
  const asks = { requests, ...(requestState !== undefined && { state: requestState }) }
  return { ...NO_RESULT, asks }
}

const NO_RESULT = { content: [], structured: null, isError: false }

/** An acknowledgement, whatever is in it. */
const anything = z.looseObject({})

/** Whether an HTTP server answers that it does not know the session. */
const isForgotten = (error: unknown) => (error as { readonly status?: unknown }).status === 404
