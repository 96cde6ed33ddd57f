import { encodeCursor, type ListQuery } from '../../../house/paging.ts'
import type { AgentData } from '../../definition/agent-data.ts'
import type { AgentDocument, AgentSummary, PutAgent } from './documents.ts'

export type { AgentData } from '../../definition/agent-data.ts'
export type { AgentDocument, AgentSummary, PutAgent } from './documents.ts'

/**
 * Agents that are put at run time, under names of their owner. Goals, conversations and other agents find them by name,
 * after the agents of the program and of files. A goal keeps the version that it began with.
 */
export interface AgentsPort {
  /**
   * Stores an agent under a name, as the newest version. InvalidError `invalid_agent` when it is wrong, `agent_taken`
   * when an agent of the program or of a file has the name, `too_many_agents` when the owner has too many.
   */
  put(name: string, definition: AgentData, options?: PutAgentOptions): Promise<PutAgent>
  /** Lists agents by owner and name. */
  list(query?: ListQuery): Promise<readonly AgentSummary[]>
  /** Reads the newest version, or the version with that hash. NotFoundError when there is none. */
  get(name: string, options?: { readonly owner?: string; readonly version?: string }): Promise<AgentDocument>
  /** Removes an agent with all its versions. Its goals continue. NotFoundError when there is none. */
  remove(name: string, options?: { readonly owner?: string }): Promise<void>
}

/** The owner of an agent (default `local`). `trusted: false`: it came from the network, and so do all its goals. */
export type PutAgentOptions = { readonly owner?: string; readonly trusted?: boolean }

/** The cursor of an agent in a list. */
export const cursorOfAgent = ({ owner, name }: Pick<AgentSummary, 'owner' | 'name'>): string =>
  encodeCursor(undefined, `${owner}/${name}`)
