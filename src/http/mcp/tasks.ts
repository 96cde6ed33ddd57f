import type { CallToolResult, Server, ServerContext } from '@modelcontextprotocol/server'
import { z } from 'zod'
import type { Json } from '../../kernel/json.ts'
import type { StepItem } from '../../run/room/documents.ts'
import { giveAnswer } from './answers.ts'
import type { McpCaller } from './caller.ts'
import { formOf, isForm, readResponse } from './questions.ts'
import { type CallWork, cancelWork, itemsBelow, readWork, resumeWork, type WorkItem, type WorkState } from './work.ts'

/** ms between two looks at a task, as clients are advised. */
const POLL_INTERVAL_MS = 1000

/** A request about a task: who makes it, and whether that client can show a form. */
type TaskRequest = { readonly caller: McpCaller; readonly canAsk: boolean }

type Parts = {
  /** Checks that the client knows tasks, and turns errors into those of the protocol. */
  handle<T>(context: ServerContext, act: (request: TaskRequest) => Promise<T>): Promise<T>
}

const named = z.looseObject({ taskId: z.string().min(1).max(1000) })

/** Lets a server answer `tasks/get`, `tasks/update` and `tasks/cancel` from the store, whichever process began it. */
export function serveTasks(server: Server, { handle }: Parts): void {
  server.setRequestHandler('tasks/get', { params: named }, ({ taskId }, context) =>
    handle(context, (request) => readTask(request, taskId)),
  )
  server.setRequestHandler('tasks/update', { params: named }, ({ taskId }, context) =>
    handle(context, (request) => updateTask(request, taskId, context.mcpReq.inputResponses ?? {})),
  )
  server.setRequestHandler('tasks/cancel', { params: named }, ({ taskId }, context) =>
    handle(context, async ({ caller: { client } }) => {
      await cancelWork(client, taskId, 'its client cancelled the task')
      return {}
    }),
  )
}

/** The answer to a call that takes longer. Its work is on disk by now. */
export async function newTask({ client }: McpCaller, work: CallWork): Promise<CallToolResult> {
  const fields = taskFields(await readWork(client, work.id))
  return { resultType: 'task', status: 'working', ...fields } as unknown as CallToolResult
}

async function readTask({ caller, canAsk }: TaskRequest, id: string) {
  const state = await readWork(caller.client, id)
  const { work, status, result } = state
  const task = taskFields(state)
  if (status === 'cancelled') return { ...task, status: 'cancelled' }
  if (result) return { ...task, status: 'completed', result: { resultType: 'complete', ...result } }
  await takeUp(caller, work)
  const items = status === 'waits' ? await itemsBelow(caller.client, work) : []
  const forms = canAsk ? items.filter(isForm) : []
  if (forms.length > 0) return { ...task, status: 'input_required', inputRequests: requestsFor(forms) }
  return { ...task, status: 'working', ...(items.length > 0 && { statusMessage: waitsFor(items) }) }
}

async function updateTask({ caller }: TaskRequest, id: string, responses: { readonly [key: string]: unknown }) {
  const { work } = await readWork(caller.client, id)
  await takeUp(caller, work)
  for (const item of (await itemsBelow(caller.client, work)).filter(isForm)) {
    const response = readResponse(responses[keyOf(item)])
    if (response) await giveAnswer(caller, item, response)
  }
  return {}
}

function taskFields({ work, createdAt, lastUpdatedAt }: WorkState) {
  // work is kept as long as the retention says
  return { taskId: work.id, createdAt, lastUpdatedAt, ttlMs: null, pollIntervalMs: POLL_INTERVAL_MS }
}

/** A key is of one question only: a step that asks again waits anew. */
const keyOf = ({ run, step, since }: StepItem) => `${run}/${step}/${since}`

function requestsFor(items: readonly StepItem[]): { readonly [key: string]: Json } {
  return Object.fromEntries(
    items.map((item) => [keyOf(item), { method: 'elicitation/create', params: formOf(item) } as Json]),
  )
}

const waitsFor = (items: readonly WorkItem[]) => `It waits for a person: ${items.map(({ title }) => title).join('; ')}`

const known = new WeakMap<object, Set<string>>()

/** Lets work go on that an earlier process left; once for each process. */
async function takeUp({ host, client }: McpCaller, work: CallWork): Promise<void> {
  const taken = known.get(host) ?? new Set()
  known.set(host, taken)
  if (taken.size === taken.add(work.id).size) return
  await resumeWork(client, work)
}
