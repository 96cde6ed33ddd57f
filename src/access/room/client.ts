import type { Json } from '../../kernel/schema.ts'
import type { NewLink } from './documents.ts'
import type { AccessView, LinkRequest } from './port.ts'

/** Keys, links and the audit of a server. */
export interface AccessClient extends Omit<AccessView, 'links'> {
  readonly links: LinksClient
}

/** Links as a client uses them. The page of a link is for people: a browser opens its URL. */
interface LinksClient {
  /**
   * Creates a link that sends one signal of a run, once and without a key; `ttl` is a week when absent. Only this
   * answer contains its `url`, which lies below the URL of the server. NotFoundError when there is no such run,
   * InvalidError `run_over` when the run has ended.
   */
  create(request: Pick<LinkRequest, 'run' | 'signal' | 'kind'> & { readonly ttl?: number }): Promise<NewLink>
  /**
   * Sends the signal of a link, named by its `url` or the secret end
   * of the URL. If the run refuses the signal, the link stays open. `by`: the name that its user typed; nobody
   * checks it.
   */
  use(url: string, value: Json, options?: { readonly by?: string }): Promise<{ readonly status: string }>
}
