/**
 * The lasting memory of agents. A goal that ends leaves entries, and later goals of the same owner and agent recall
 * those that fit. The runtime implements this port; `recall.ts` and `remember.ts` use it.
 */

import type { Send } from '../../kernel/types.ts'

/** One memory: the final outcome of a goal, or of one of its calls. The same outcome always has the same `id`. */
export type AgentMemoryEntry = {
  readonly id: string
  readonly kind: 'goal' | 'action'
  readonly text: string
  readonly outcome: string
  /** 0..1 */
  readonly importance: number
  readonly tags: { readonly goal: string; readonly agent: string; readonly tool?: string }
  /** ms since the epoch */
  readonly at: number
  readonly rating?: 'good' | 'bad'
}

/** The owner and the agent that a memory belongs to. */
export type Rememberer = { readonly owner: string | undefined; readonly agent: string }

/** Lasting memory of agents. Agents and owners see only their own. */
export interface AgentMemory {
  /**
   * The message that records a goal that has ended, with its calls. A later one for the same goal replaces the entries.
   */
  record(of: Rememberer, goal: string, entries: readonly AgentMemoryEntry[]): Promise<Send>
  /** The entries that fit a text best, the best first. */
  recall(of: Rememberer, text: string, limit: number): Promise<readonly AgentMemoryEntry[]>
}
