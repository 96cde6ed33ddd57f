import type { Json } from '../../kernel/schema.ts'
import type { AskRequest, Runtime } from '../../runtime.ts'
import { checkFile, type Sight } from './sight.ts'

type Names =
  | 'openThread'
  | 'ask'
  | 'startAsk'
  | 'decideAsk'
  | 'consentAsk'
  | 'cancelAsk'
  | 'askDocument'
  | 'threads'
  | 'thread'
  | 'messages'
  | 'askEvents'
  | 'askEnded'

/** Threads and their asks as a caller sees them. */
export type OwnedThreads = Pick<Runtime, Names> &
  Pick<Sight, 'checkThread'> & {
    /** What models write for a question on a thread, as it comes. */
    askDeltas(thread: string, ask: string, signal: AbortSignal): AsyncIterable<Json>
  }

export function ownedThreads({ runtime, caller, isAdmin, checkHolder, checkThread, checkAsk }: Sight): OwnedThreads {
  const { owner } = caller

  async function own(request: AskRequest): Promise<AskRequest> {
    for (const file of request.files ?? []) checkFile(caller, file)
    const holder = await runtime.ownerOfThread(request.thread)
    // of one that begins just now the thread itself refuses others
    if (holder !== undefined) checkHolder(request.thread, holder)
    return { ...request, owner: isAdmin ? (holder ?? owner) : owner }
  }

  return {
    checkThread,
    openThread: (request) => runtime.openThread({ ...request, owner }),
    ask: async (request, options) => runtime.ask(await own(request), options),
    startAsk: async (request) => runtime.startAsk(await own(request)),
    async decideAsk(ask, decision, options) {
      await checkAsk(ask)
      return runtime.decideAsk(ask, decision, options)
    },
    async consentAsk(ask, answers) {
      await checkAsk(ask)
      return runtime.consentAsk(ask, answers)
    },
    async cancelAsk(thread, ask, reason) {
      await checkThread(thread)
      return runtime.cancelAsk(thread, ask, reason)
    },
    async askDocument(thread, ask) {
      await checkThread(thread)
      return runtime.askDocument(thread, ask)
    },
    threads: (query) => runtime.threads({ ...query, ...(!isAdmin && { owner }) }),
    async thread(thread) {
      await checkThread(thread)
      return runtime.thread(thread)
    },
    async messages(thread, page) {
      await checkThread(thread)
      return runtime.messages(thread, page)
    },
    async *askEvents(thread, ask, from) {
      await checkThread(thread)
      yield* runtime.askEvents(thread, ask, from)
    },
    async askEnded(thread, ask, after) {
      await checkThread(thread)
      return runtime.askEnded(thread, ask, after)
    },
    async *askDeltas(thread, ask, signal) {
      // they are listened to from now on
      const deltas = runtime.deltas(ask, signal)
      if (isAdmin || (await isAskedOn(thread, ask, signal))) yield* deltas
    },
  }

  /** Waits until it is. An id is one question only: asked on this thread, it is on no other. */
  async function isAskedOn(thread: string, ask: string, signal: AbortSignal): Promise<boolean> {
    await checkThread(thread)
    for await (const _ of runtime.askEvents(thread, ask, { signal })) return true
    return false
  }
}
