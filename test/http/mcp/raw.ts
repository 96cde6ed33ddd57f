import { expect } from 'vitest'
import { post } from '../bench.ts'

type Result = { readonly [field: string]: unknown }
type Answer = {
  readonly result?: Result
  readonly error?: { readonly code: number; readonly message: string; readonly data?: unknown }
}

const VERSION = '2026-07-28'

/** A client that knows tasks, as the wire has it: the package of the client takes no task for a result. */
export function rawClient(url: string | URL, token: string, { forms = true, tasks = true } = {}) {
  let id = 0
  const clientCapabilities = {
    ...(forms && { elicitation: {} }),
    ...(tasks && { extensions: { 'io.modelcontextprotocol/tasks': {} } }),
  }
  async function send(method: string, params: { readonly [name: string]: unknown }): Promise<Answer> {
    const meta = {
      'io.modelcontextprotocol/protocolVersion': VERSION,
      'io.modelcontextprotocol/clientCapabilities': clientCapabilities,
    }
    const named = params.taskId ?? params.name
    const headers = {
      ...{ authorization: `Bearer ${token}`, accept: 'application/json, text/event-stream' },
      ...{ 'mcp-protocol-version': VERSION, 'mcp-method': method },
      ...(typeof named === 'string' && { 'mcp-name': named }),
    }
    const message = {
      jsonrpc: '2.0',
      id: ++id,
      method,
      params: { ...params, _meta: { ...meta, ...(params._meta ?? {}) } },
    }
    const text = await (await fetch(url, post(JSON.stringify(message), headers))).text()
    const data = text.split('\n').findLast((line) => line.startsWith('data: '))
    return JSON.parse(data?.slice('data: '.length) ?? text)
  }
  const ask = async (method: string, params: { readonly [name: string]: unknown } = {}): Promise<Result> => {
    const { result, error } = await send(method, params)
    if (error) throw Object.assign(new Error(error.message), error)
    return result!
  }
  return {
    ask,
    call: (name: string, input: object, key?: string) =>
      ask('tools/call', { name, arguments: input, ...(key && { _meta: { 'antiphon/idempotency-key': key } }) }),
    get: (taskId: unknown) => ask('tasks/get', { taskId }),
    /** Looks until the task has that status. */
    async until(taskId: unknown, status: string): Promise<Result> {
      let task: Result = {}
      await expect.poll(async () => (task = await ask('tasks/get', { taskId })).status, { interval: 50 }).toBe(status)
      return task
    },
  }
}
