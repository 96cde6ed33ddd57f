import type { Json } from '../../kernel/schema.ts'
import type { LinkRequest } from '../../runtime/ports/access.ts'
import type { NewLink } from '../schemas/access.ts'
import { type Asking, pathTo } from './request.ts'

/** Links as a client has them. The page of one is for people: a browser opens its address. */
export interface LinksClient {
  /**
   * Makes a link by which one signal of a run can be sent, once, without a key; `ttl` is a week when absent. Its `url`, below the address of
   * the server, is told this once. NotFoundError when there is no such run, InvalidError `run_over` when it is over.
   */
  create(request: Pick<LinkRequest, 'run' | 'signal' | 'kind'> & { readonly ttl?: number }): Promise<NewLink>
  /** Sends the signal of a link, by its `url` or the secret end of that; what the run refuses leaves the link open. */
  use(url: string, value: Json): Promise<{ readonly status: string }>
}

export function linksClient({ post }: Asking): LinksClient {
  return {
    create: ({ run, ...request }) => post(pathTo('runs', run, 'links'), request),
    use: (url, value) => post(pathTo('links', url.slice(url.lastIndexOf('/') + 1)), value),
  }
}
