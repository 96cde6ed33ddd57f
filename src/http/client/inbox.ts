import type { Json } from '../../kernel/schema.ts'
import type { InboxItem, InboxPort, ListInbox } from '../../runtime/ports/inbox.ts'
import type { Consented } from '../../runtime/ports/threads.ts'
import { type Asking, once, pathTo, queryOf } from './request.ts'

/** Everything that waits for people on a server, and the answers to it. */
export interface InboxClient extends InboxPort {
  /**
   * Answers a step that waits for an approval. `signal` names the step when several wait. An error of code `not_waiting` when no step of the
   * run waits for one.
   */
  approve(run: string, approval?: Approval): Promise<{ readonly status: 'taken' | 'kept' }>
}

/** An answer to a step that waits for an approval: `approve` when `action` is absent. */
export type Approval = {
  readonly action?: 'approve' | 'reject' | 'modify'
  readonly reason?: string
  /** of modify: what it is to be instead */
  readonly content?: Json
  readonly signal?: string
  readonly id?: string
}

/** The inbox of a server. */
export function inboxClient({ get, post }: Asking): InboxClient {
  const at = (ask: string, name: string) => pathTo('asks', ask, name)
  return {
    list: (async (query = {}) => (await get<{ items: InboxItem[] }>(`/inbox${queryOf(query)}`)).items) as ListInbox,
    decide: (ask, decision, options = {}) => post(at(ask, 'decision'), { ...decision, ...once('dec', options) }),
    consent: async (ask, answers, options = {}) =>
      (await post<{ items: Consented[] }>(at(ask, 'consent'), { answers, ...options })).items,
    approve: (run, approval = {}) => post(pathTo('runs', run, 'approve'), once('sig', approval)),
  }
}
