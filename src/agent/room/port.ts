import type { LearnedPlaybookDocument, PlaybookSummary } from '../../contract/documents/playbook.ts'
import { encodeCursor, type ListQuery } from '../../contract/paging.ts'

export type { LearnedPlaybookDocument, PlaybookSummary } from '../../contract/documents/playbook.ts'

/** Playbooks that agents have learned from their goals. Each belongs to one owner and one agent. */
export interface PlaybooksPort {
  /** Lists playbooks by owner, agent and id. */
  list(query?: PlaybooksQuery): Promise<readonly PlaybookSummary[]>
  /** Reads a playbook with its pipeline. NotFoundError when the owner (default `local`) has none of that id. */
  get(id: string, options?: { readonly owner?: string }): Promise<LearnedPlaybookDocument>
  /**
   * Lets goals of its form follow a playbook, if their agent learns. NotFoundError when the owner (default `local`)
   * has none of that id.
   */
  accept(id: string, options?: { readonly owner?: string }): Promise<void>
  /**
   * Lets no goal follow a playbook, and does not propose an equal one again. NotFoundError when the owner (default
   * `local`) has none of that id.
   */
  reject(id: string, options?: { readonly owner?: string }): Promise<void>
  /**
   * Forgets a playbook. A goal that follows it continues. NotFoundError when the owner (default `local`) has none of
   * that id.
   */
  forget(id: string, options?: { readonly owner?: string }): Promise<void>
}

/** Which playbooks to list. */
type PlaybooksQuery = ListQuery & { readonly agent?: string }

/** The cursor behind a playbook in a list. */
export const cursorOfPlaybook = ({ owner, id }: Pick<PlaybookSummary, 'owner' | 'id'>): string =>
  encodeCursor(undefined, `${owner}/${id}`)
