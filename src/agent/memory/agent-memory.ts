/**
 * The lasting memory of agents. A goal that ends leaves entries, and later goals of the same owner and agent recall
 * those that fit. The runtime implements this port over the memory of the owner; `recall.ts` and `remember.ts` use it.
 */

import type { AgentMemorySettings } from '../definition/definition.ts'

/** One memory: the final outcome of a goal, or of one of its calls. The same outcome always has the same `id`. */
export type AgentMemoryEntry = {
  readonly id: string
  readonly kind: 'goal' | 'action'
  readonly text: string
  readonly outcome: string
  /** 0..1 */
  readonly importance: number
  readonly tags: { readonly goal: string; readonly agent: string; readonly tool?: string }
  readonly rating?: 'good' | 'bad'
}

/** A goal that remembers, with the settings of its agent. */
export type Rememberer = {
  readonly owner: string | undefined
  readonly agent: string
  readonly goal: string
  readonly settings: AgentMemorySettings
  /** a goal of a conversation recalls what the agent did elsewhere for the same owner */
  readonly isWide: boolean
  /** goals that its request shows anyway: their records are not recalled */
  readonly shown?: ReadonlySet<string>
}

/** A memory that fits a text. `from` names the source of a record. */
export type RecalledMemory = {
  readonly text: string
  readonly from: string
  readonly subject?: string
  readonly rating?: 'good' | 'bad'
}

/** Lasting memory of agents. Agents and owners see only their own, and conversations too unless `isWide`. */
export interface AgentMemory {
  /** Records a goal that has ended, with its calls. A later record of the same goal replaces the entries. */
  record(of: Rememberer, entries: readonly AgentMemoryEntry[]): Promise<void>
  /** The memories that fit a text best, the best first. Empty when there is no memory here, or when it fails. */
  recall(of: Rememberer, text: string, limit: number): Promise<readonly RecalledMemory[]>
}
