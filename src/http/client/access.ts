import type { ApiKey, Audit, AuditLine, Keys } from '../../runtime/ports/access.ts'
import { type LinksClient, linksClient } from './links.ts'
import { type Asking, pathTo, queryOf } from './request.ts'

/** Who may ask a server, who answers by a link, and who changed what, as a client has it. */
export interface AccessClient {
  readonly keys: Omit<Keys, 'identify'>
  readonly links: LinksClient
  readonly audit: Pick<Audit, 'list'>
}

/** Keys, links and the audit of a server. */
export function accessClient(asking: Asking): AccessClient {
  const { get, post } = asking
  return {
    keys: {
      create: (request) => post('/keys', request),
      list: async (query = {}) => (await get<{ items: ApiKey[] }>(`/keys${queryOf(query)}`)).items,
      revoke: (id) => post(pathTo('keys', id, 'revoke'), {}),
    },
    links: linksClient(asking),
    audit: { list: async (query = {}) => (await get<{ items: AuditLine[] }>(`/audit${queryOf(query)}`)).items },
  }
}
