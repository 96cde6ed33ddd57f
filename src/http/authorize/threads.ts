import { type Page, pageOf } from '../../house/common-fields.ts'
import { listSeen } from '../../house/list-seen.ts'
import type { ListQuery } from '../../house/paging.ts'
import { allows, scopeMissing } from '../../house/scope.ts'
import type { SeenThread } from '../../house/viewer.ts'
import type { Json } from '../../kernel/json.ts'
import { noAsk } from '../../thread/room/decisions.ts'
import { type AskRequest, cursorOfThread, type ThreadSummary, type ThreadsPort } from '../../thread/room/port.ts'
import { shownItem } from './inbox.ts'
import type { RuntimeViewer } from './viewer.ts'

/** How long a reader of events waits for a question that another request may be about to ask. */
const ON_ITS_WAY_MS = 1000

/** Threads and their questions as a caller sees them: each owner has names of their own for threads. */
export type ScopedThreads = Omit<ThreadsPort, 'list'> & {
  list(query: ListQuery & { readonly limit: number }): Promise<Page<ThreadSummary>>
  /**
   * The key of a thread by the caller's name for it, when the question is on the thread or comes a moment later.
   * NotFoundError when it does not.
   */
  findAsk(thread: string, ask: string): Promise<SeenThread>
  /** Text deltas of models for an ask. */
  askDeltas(thread: string, ask: string, signal: AbortSignal): AsyncIterable<Json>
}

/** The methods that give names of threads, or take threads that may be new. */
export function scopedThreads({
  runtime,
  caller,
  seen,
  findThread,
  seenThread,
  nameOfThread,
  findAsk,
}: RuntimeViewer): Omit<ScopedThreads, 'name' | 'remove' | 'messages' | 'resumeAsk' | 'cancelAsk' | 'askEvents'> {
  const { threads } = runtime
  const listed = (query: ListQuery) => listSeen(seen, query, threads.list, { cursor: cursorOfThread, descending: true })

  async function own(request: AskRequest) {
    // a thread that begins at this moment refuses other owners itself
    const { key: thread, owner, shown } = await findThread(request.thread)
    const used = request.memory === false ? undefined : (request.memory ?? {})
    const mayWrite = allows(caller.scopes, 'memory')
    if (used?.remember && !mayWrite) throw scopeMissing('memory', caller)
    const mayCall = allows(caller.scopes, 'run')
    if (request.tools && request.tools.length > 0 && !mayCall) throw scopeMissing('run', caller)
    // the tools of a domain do not give a caller more rights
    const tools = mayCall ? {} : { tools: [] }
    const memory = mayWrite || !used ? {} : { memory: { ...used, learn: false as const } }
    return {
      shown,
      asked: { ...request, ...tools, ...memory, thread, owner, ...(!caller.local && { trusted: false }) },
    }
  }

  return {
    async findAsk(name, ask) {
      const thread = await seenThread(name)
      const isThere = (await runtime.serving.threadOfAsk(ask, { thread: thread.key })) !== undefined
      if (!isThere && !(await workOn(name, ask, AbortSignal.timeout(ON_ITS_WAY_MS)))) throw noAsk(ask)
      return thread
    },
    async open({ id, ...request }) {
      const { key, owner } = await findThread(id)
      return threads.open({ ...request, id: key, owner })
    },
    async list(query) {
      const { items, ...more } = pageOf(await listed(query), query.limit, cursorOfThread)
      return { items: items.map((one) => ({ ...one, id: nameOfThread(one.id, one.owner) })), ...more }
    },
    async get(name) {
      const { key, shown } = await seenThread(name)
      const { asks, ...thread } = await threads.get(key)
      return { ...thread, id: shown, asks: asks.map((ask) => ({ ...ask, thread: shown })) }
    },
    async ask(request, options) {
      const { asked, shown } = await own(request)
      return { ...(await threads.ask(asked, options)), thread: shown }
    },
    startAsk: async (request) => threads.startAsk((await own(request)).asked),
    async getAsk(thread, ask) {
      const { key, shown } = await seenThread(thread)
      return { ...(await threads.getAsk(key, ask)), thread: shown }
    },
    async trace(ask, options = {}) {
      const { thread, owner } = await findAsk(ask, options.thread)
      const { waits, ...trace } = await threads.trace(ask, { thread })
      const shown = waits.map((item) => shownItem(item, { nameOfThread }))
      return { ...trace, thread: nameOfThread(thread, owner), waits: shown }
    },
    async *askDeltas(thread, ask, signal) {
      // deltas are followed from now on
      const deltas = runtime.inspector.deltas(ask, signal)
      // the text of a message comes with the events of its conversation; another owner's question may have its id
      if ((await workOn(thread, ask, signal)) === ask) yield* deltas
    },
  }

  /** Waits until the ask is on the thread, and gives the id of its work, which no other ask has. */
  async function workOn(thread: string, ask: string, signal: AbortSignal): Promise<string | undefined> {
    const { key } = await seenThread(thread)
    for await (const { correlationId } of threads.askEvents(key, ask, { signal })) return correlationId
    return undefined
  }
}
