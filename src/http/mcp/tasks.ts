import type { CallToolResult, Server, ServerContext } from '@modelcontextprotocol/server'
import { z } from 'zod'
import type { Json } from '../../kernel/schema.ts'
import type { RunDocument } from '../../pipeline/report/document.ts'
import { isStep, type StepItem } from '../../runtime/ports/inbox.ts'
import { giveAnswer } from './answers.ts'
import type { McpCaller } from './caller.ts'
import { formOf, isForm, readResponse } from './questions.ts'
import { runResult } from './results.ts'

/** ms between two looks at a task, as clients are advised. */
const POLL_INTERVAL_MS = 1000

/** A request about a task: who makes it, and whether that client can show a form. */
export type TaskRequest = { readonly caller: McpCaller; readonly canAsk: boolean }

type Parts = {
  /** Checks that the client knows tasks, and turns errors into those of the protocol. */
  handle<T>(context: ServerContext, act: (request: TaskRequest) => Promise<T>): Promise<T>
}

const named = z.looseObject({ taskId: z.string().min(1).max(1000) })

/** Lets a server answer `tasks/get`, `tasks/update` and `tasks/cancel`, from the stored run: whichever process started it. */
export function serveTasks(server: Server, { handle }: Parts): void {
  server.setRequestHandler('tasks/get', { params: named }, ({ taskId }, context) =>
    handle(context, (request) => readTask(request, taskId)),
  )
  server.setRequestHandler('tasks/update', { params: named }, ({ taskId }, context) =>
    handle(context, (request) => updateTask(request, taskId, context.mcpReq.inputResponses ?? {})),
  )
  server.setRequestHandler('tasks/cancel', { params: named }, ({ taskId }, context) =>
    handle(context, async ({ caller: { client } }) => {
      const { completed_at: over } = await client.runs.get(taskId)
      if (over === null) await client.runs.cancel(taskId, 'its client cancelled the task')
      return {}
    }),
  )
}

/** The answer to a call that takes longer. The run is on disk by now. */
export async function newTask(caller: McpCaller, run: string): Promise<CallToolResult> {
  const document = await caller.client.runs.get(run)
  return { resultType: 'task', status: 'working', ...taskFields(document) } as unknown as CallToolResult
}

async function readTask({ caller, canAsk }: TaskRequest, id: string) {
  const run = await caller.client.runs.get(id)
  const task = taskFields(run)
  if (run.status === 'cancelled') return { ...task, status: 'cancelled' }
  if (run.completed_at !== null)
    return { ...task, status: 'completed', result: { resultType: 'complete', ...runResult(run) } }
  await takeUp(caller, id)
  const items = run.status === 'waiting' ? await itemsBelow(caller, id) : []
  const forms = canAsk ? items.filter(isForm) : []
  if (forms.length > 0) return { ...task, status: 'input_required', inputRequests: requestsFor(forms) }
  return { ...task, status: 'working', ...(items.length > 0 && { statusMessage: waitsFor(items) }) }
}

async function updateTask({ caller }: TaskRequest, id: string, responses: { readonly [key: string]: unknown }) {
  await caller.client.runs.get(id)
  await takeUp(caller, id)
  for (const item of await itemsBelow(caller, id)) {
    const response = readResponse(responses[keyOf(item)])
    if (response) await giveAnswer(caller, item, response)
  }
  return {}
}

function taskFields({ execution_id: taskId, started_at: createdAt, completed_at: end, steps }: RunDocument) {
  const times = Object.values(steps).flatMap(({ started_at, completed_at }) => [started_at ?? '', completed_at ?? ''])
  const lastUpdatedAt = end ?? [createdAt, ...times].toSorted().at(-1)!
  // a run is kept as long as the retention says
  return { taskId, createdAt, lastUpdatedAt, ttlMs: null, pollIntervalMs: POLL_INTERVAL_MS }
}

/** A key is of one question only: a step that asks again waits anew. */
const keyOf = ({ run, step, since }: StepItem) => `${run}/${step}/${since}`

function requestsFor(items: readonly StepItem[]): { readonly [key: string]: Json } {
  return Object.fromEntries(
    items.map((item) => [keyOf(item), { method: 'elicitation/create', params: formOf(item) } as Json]),
  )
}

const waitsFor = (items: readonly StepItem[]) => `It waits for a person: ${items.map(({ title }) => title).join('; ')}`

/** Maximum items of the inbox in which questions of child runs are looked for. */
const MAX_ITEMS = 1000

/** Everything for which a run and the runs below it wait. */
async function itemsBelow({ client }: McpCaller, run: string): Promise<readonly StepItem[]> {
  const own = await client.inbox.list({ run })
  if (own.length > 0) return own
  const all = await client.inbox.list({ limit: MAX_ITEMS })
  return all.filter(isStep).filter((item) => item.run.startsWith(`${run}.`))
}

const known = new WeakMap<object, Set<string>>()

/** Lets a run go on that an earlier process left; once for each process. */
async function takeUp({ host, client }: McpCaller, run: string): Promise<void> {
  const runs = known.get(host) ?? new Set()
  known.set(host, runs)
  if (runs.size === runs.add(run).size) return
  await client.runs.resume(run)
}
