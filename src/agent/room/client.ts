import type { PageQuery } from '../../contract/paging.ts'
import type { LearnedPlaybookDocument, PlaybookSummary } from './port.ts'

/** Learned playbooks of a server, those of the key's owner. */
export interface PlaybooksClient {
  /** Lists playbooks by agent and id. */
  list(query?: PageQuery & { readonly agent?: string }): Promise<readonly PlaybookSummary[]>
  /** Reads a playbook with its pipeline. NotFoundError when there is none. */
  get(id: string): Promise<LearnedPlaybookDocument>
  /** Lets goals of its form follow a playbook. NotFoundError when there is none. */
  accept(id: string): Promise<void>
  /** Lets no goal follow a playbook, and does not propose an equal one again. NotFoundError when there is none. */
  reject(id: string): Promise<void>
  /** Forgets a playbook. NotFoundError when there is none. */
  forget(id: string): Promise<void>
}
