import { type Page, pageOf } from '../../contract/documents/basic.ts'
import type { Viewer } from '../../rooms/viewer.ts'
import type { PlaybooksClient } from './client.ts'
import { cursorOfPlaybook, type PlaybookSummary, type PlaybooksPort, type PlaybooksQuery } from './port.ts'

/** Learned playbooks as a caller sees them. */
export type PlaybooksView = Pick<PlaybooksClient, 'get' | 'accept' | 'reject' | 'forget'> & {
  list(query: PlaybooksQuery & { readonly limit: number }): Promise<Page<PlaybookSummary>>
}

/** The learned playbooks of a caller: another owner's playbook looks like a missing one. An admin lists all. */
export function viewPlaybooks(playbooks: PlaybooksPort, { caller: { owner }, isAdmin }: Viewer): PlaybooksView {
  return {
    async list(query) {
      const listed = await playbooks.list({ ...query, ...(!isAdmin && { owner }) })
      return pageOf(listed, query.limit, cursorOfPlaybook)
    },
    get: (id) => playbooks.get(id, { owner }),
    accept: (id) => playbooks.accept(id, { owner }),
    reject: (id) => playbooks.reject(id, { owner }),
    forget: (id) => playbooks.forget(id, { owner }),
  }
}
