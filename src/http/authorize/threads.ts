import type { Json } from '../../kernel/schema.ts'
import type { ListQuery } from '../../runtime/ports/paging.ts'
import { type AskRequest, cursorOfThread, type ThreadSummary } from '../../runtime/ports/threads.ts'
import type { Runtime } from '../../runtime/ports.ts'
import { type Page, pageOf } from '../schemas/basic.ts'
import { checkFile, type Sight } from './access.ts'

type Names =
  | 'openThread'
  | 'ask'
  | 'startAsk'
  | 'decideAsk'
  | 'consentAsk'
  | 'cancelAsk'
  | 'askDocument'
  | 'thread'
  | 'messages'
  | 'askEvents'
  | 'askEnded'

/** Threads and their asks as a caller sees them: each owner has names of their own for theirs. */
export type OwnedThreads = Pick<Runtime, Names> &
  Pick<Sight, 'seenThread'> & {
    threads(query: ListQuery & { readonly limit: number }): Promise<Page<ThreadSummary>>
    /** What models write for a question on a thread, as it comes. */
    askDeltas(thread: string, ask: string, signal: AbortSignal): AsyncIterable<Json>
  }

export function ownedThreads(sight: Sight): OwnedThreads {
  const { runtime, caller, isAdmin, findThread, seenThread, nameOfThread, findAsk } = sight
  const only = isAdmin ? {} : { owner: caller.owner }

  async function own(request: AskRequest) {
    for (const file of request.files ?? []) checkFile(caller, file)
    // of one that begins just now the thread itself refuses others
    const { key: thread, owner, shown } = await findThread(request.thread)
    return { shown, asked: { ...request, thread, owner } }
  }

  return {
    seenThread,
    async openThread({ id, ...request }) {
      const { key, owner } = await findThread(id)
      return runtime.openThread({ ...request, id: key, owner })
    },
    async ask(request, options) {
      const { asked, shown } = await own(request)
      return { ...(await runtime.ask(asked, options)), thread: shown }
    },
    startAsk: async (request) => runtime.startAsk((await own(request)).asked),
    async decideAsk(ask, decision, options = {}) {
      const { thread, owner } = await findAsk(ask, options.thread)
      const decided = await runtime.decideAsk(ask, decision, { ...options, thread })
      return { ...decided, thread: nameOfThread(thread, owner) }
    },
    async consentAsk(ask, answers, options = {}) {
      const { thread } = await findAsk(ask, options.thread)
      return runtime.consentAsk(ask, answers, { thread })
    },
    async cancelAsk(thread, ask, reason) {
      return runtime.cancelAsk((await seenThread(thread)).key, ask, reason)
    },
    async askDocument(thread, ask) {
      const { key, shown } = await seenThread(thread)
      return { ...(await runtime.askDocument(key, ask)), thread: shown }
    },
    async threads(query) {
      const { items, ...more } = pageOf(await runtime.threads({ ...query, ...only }), query.limit, cursorOfThread)
      return { items: items.map((one) => ({ ...one, id: nameOfThread(one.id, one.owner) })), ...more }
    },
    async thread(name) {
      const { key, shown } = await seenThread(name)
      const { asks, ...thread } = await runtime.thread(key)
      return { ...thread, id: shown, asks: asks.map((ask) => ({ ...ask, thread: shown })) }
    },
    async messages(thread, page) {
      return runtime.messages((await seenThread(thread)).key, page)
    },
    async *askEvents(thread, ask, from) {
      yield* runtime.askEvents((await seenThread(thread)).key, ask, from)
    },
    async askEnded(thread, ask, after) {
      return runtime.askEnded((await seenThread(thread)).key, ask, after)
    },
    async *askDeltas(thread, ask, signal) {
      // they are listened to from now on
      const deltas = runtime.inspector.deltas(ask, signal)
      if (isAdmin || (await isAskedOn(thread, ask, signal))) yield* deltas
    },
  }

  /** Waits until it is. An id is one question only: asked on this thread, it is on no other. */
  async function isAskedOn(thread: string, ask: string, signal: AbortSignal): Promise<boolean> {
    const { key } = await seenThread(thread)
    for await (const _ of runtime.askEvents(key, ask, { signal })) return true
    return false
  }
}
