import type { Answer, AskRequest, ThreadMessage, ThreadSummary, ThreadsPort } from '../../runtime/ports/threads.ts'
import type { From, Happening } from './event-stream.ts'
import type { PageQuery } from './pages.ts'
import { type Asking, once, pathTo, queryOf } from './request.ts'

/**
 * Threads of a server and their questions. A question carries an id; the client makes one when none is given. When the answer is lost, `fetch`
 * may send the request again: the server asks once.
 */
export interface ThreadsClient extends Pick<ThreadsPort, 'get' | 'messages' | 'getAsk' | 'cancelAsk'> {
  /** Lists threads by their first question, the newest first. */
  list(query?: PageQuery): Promise<readonly ThreadSummary[]>
  /** Asks a question and waits for its answer. The signal ends the wait and cancels nothing. */
  ask(request: AskRequest, signal?: AbortSignal): Promise<Answer>
  /** Asks a question under an id of the caller's own, and waits only until its thread has taken it. The same id is asked once. */
  startAsk(request: AskRequest & { readonly id: string }): Promise<{ readonly id: string }>
  /** Streams the durable events of a question after a number, with the output of models between them, until `ask-end` or the signal. */
  askEvents(thread: string, id: string, from?: From): AsyncIterable<Happening>
}

/** The threads of a server. */
export function threadsClient({ get, post, put, follow }: Asking): ThreadsClient {
  const at = (thread: string, ...names: readonly string[]) => pathTo('threads', thread, ...names)
  return {
    list: async (query = {}) => (await get<{ items: ThreadSummary[] }>(`/threads${queryOf(query)}`)).items,
    get: (id) => get(at(id)),
    messages: async (thread, page = {}) =>
      (await get<{ items: ThreadMessage[] }>(`${at(thread, 'messages')}${queryOf(page)}`)).items,
    ask: ({ thread, ...request }, signal) => post(at(thread, 'asks'), once('ask', request), signal),
    startAsk: ({ thread, id, ...request }) => put(at(thread, 'asks', id), request),
    getAsk: (thread, id) => get(at(thread, 'asks', id)),
    cancelAsk: async (thread, id, reason) => void (await post(at(thread, 'asks', id, 'cancel'), { reason })),
    askEvents: (thread, id, from) => follow(at(thread, 'asks', id, 'events'), from, 'ask-end'),
  }
}
