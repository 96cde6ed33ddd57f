import type { Answer, AskRequest, Consented, ThreadMessage, ThreadSummary } from '../../runtime/ports/threads.ts'
import type { Runtime } from '../../runtime/ports.ts'
import type { From, Happening } from './event-stream.ts'
import type { PageQuery } from './pages.ts'
import { type Asking, once, pathTo, queryOf } from './request.ts'

type Same = 'thread' | 'messages' | 'askDocument' | 'decideAsk' | 'consentAsk' | 'cancelAsk'

/** Threads and their questions, as a client has them. What is asked or decided has an id, a fresh one where none is given: a `fetch` that asks again when an answer was lost does it once. */
export interface Threads extends Pick<Runtime, Same> {
  /** Threads by their first question, the newest first. */
  threads(query?: PageQuery): Promise<readonly ThreadSummary[]>
  /** Waits for the answer; who leaves by the signal calls nothing off. */
  ask(request: AskRequest, signal?: AbortSignal): Promise<Answer>
  /** Begins a question under an id of your own, once however often this is called, and waits only until its thread has taken it. */
  startAsk(request: AskRequest & { readonly id: string }): Promise<{ readonly id: string }>
  /** Its durable events after a number, between them what models write, until `ask-end` or the signal. */
  askEvents(thread: string, id: string, from?: From): AsyncIterable<Happening>
}

export function threadsClient({ get, post, put, follow }: Asking): Threads {
  const at = (thread: string, ...names: readonly string[]) => pathTo('threads', thread, ...names)
  return {
    threads: async (query = {}) => (await get<{ items: ThreadSummary[] }>(`/threads${queryOf(query)}`)).items,
    thread: (id) => get(at(id)),
    messages: async (thread, page = {}) =>
      (await get<{ items: ThreadMessage[] }>(`${at(thread, 'messages')}${queryOf(page)}`)).items,
    ask: ({ thread, ...request }, signal) => post(at(thread, 'asks'), once('ask', request), signal),
    startAsk: ({ thread, id, ...request }) => put(at(thread, 'asks', id), request),
    askDocument: (thread, id) => get(at(thread, 'asks', id)),
    decideAsk: (ask, decision, options = {}) =>
      post(pathTo('asks', ask, 'decision'), { ...decision, ...once('dec', options) }),
    consentAsk: async (ask, answers, options = {}) =>
      (await post<{ items: Consented[] }>(pathTo('asks', ask, 'consent'), { answers, ...options })).items,
    cancelAsk: async (thread, id, reason) => void (await post(at(thread, 'asks', id, 'cancel'), { reason })),
    askEvents: (thread, id, from) => follow(at(thread, 'asks', id, 'events'), from, 'ask-end'),
  }
}
