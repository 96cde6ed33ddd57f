import { hash } from 'node:crypto'
import type { Json } from '../../kernel/schema.ts'
import { LOCAL_OWNER } from '../../lib/owner.ts'
import { rankPassages } from '../../model/rank/ranker.ts'
import { type NotesMessage, valuesPrefix } from '../../pipeline/plan/messages/notes.ts'
import {
  justBeforePrefix,
  type ReadParts,
  readRef,
  storeRef,
  type ValueRef,
  type ValueStore,
} from '../../pipeline/plan/refs.ts'
import type { AgentMemory, AgentMemoryEntry, Rememberer } from './agent-memory.ts'

/** Goals of an agent that are remembered: an older one makes room for a new one. */
const MAX_GOALS = 100

/** A key of a note has this length at most. */
const MAX_KEY = 200

/** Goals whose calls are considered, too. */
const MAX_CANDIDATES = 5

type Parts = { readonly values: ValueStore; readonly readParts: ReadParts }

/**
 * Memory of agents in the notes of their owners, as `mcp-memory`
 * shows them: the namespace `agent/NAME`, and a key for each goal.
 */
export function notesMemory({ values, readParts }: Parts): AgentMemory {
  async function* readNotes({ owner = LOCAL_OWNER, agent }: Rememberer): AsyncGenerator<readonly AgentMemoryEntry[]> {
    const prefix = valuesPrefix(namespaceOf(agent))
    const page = { prefix, after: justBeforePrefix(prefix) }
    for await (const [, ref] of readParts({ kind: 'notes', key: owner }, page))
      yield entriesIn(await readRef(values, ref as ValueRef))
  }

  return {
    async record({ owner = LOCAL_OWNER, agent }, goal, entries) {
      const key = goal.length <= MAX_KEY ? goal : hash('sha256', goal, 'base64url')
      const value = await storeRef(values, { memories: entries })
      const body: NotesMessage = { type: 'store', namespace: namespaceOf(agent), key, value, keep: MAX_GOALS }
      return { to: { kind: 'notes', key: owner }, body, type: 'event', correlationId: goal }
    },
    async recall(of, text, limit) {
      const byGoal = new Map<string, readonly AgentMemoryEntry[]>()
      for await (const entries of readNotes(of)) if (entries[0]) byGoal.set(entries[0].id, entries)
      const goals = await best(
        text,
        [...byGoal.values()].map(([goal]) => goal!),
        MAX_CANDIDATES,
      )
      const actions = await best(
        text,
        goals.flatMap(({ id }) => byGoal.get(id)!.slice(1)),
        limit,
      )
      return [...goals, ...actions].slice(0, limit)
    },
  }
}

const namespaceOf = (agent: string) => `agent/${agent}`

/** Notes are data that anybody with the tool may have written. */
function entriesIn(note: Json): readonly AgentMemoryEntry[] {
  const { memories } = (typeof note === 'object' && note !== null ? note : {}) as { readonly memories?: Json }
  return Array.isArray(memories) ? (memories.filter(isEntry) as readonly AgentMemoryEntry[]) : []
}

function isEntry(entry: Json): boolean {
  if (typeof entry !== 'object' || entry === null || Array.isArray(entry)) return false
  const { id, text, importance } = entry as { readonly [field: string]: Json }
  return typeof id === 'string' && typeof text === 'string' && typeof importance === 'number'
}

/** One common word, such as `file`, makes no two texts about the same thing. */
const MIN_SHARED_TERMS = 2

/** The entries that share words with a text: those that fit and matter most first, then newer ones. */
async function best(
  text: string,
  entries: readonly AgentMemoryEntry[],
  limit: number,
): Promise<readonly AgentMemoryEntry[]> {
  const ranked = await rankPassages(text, entries, { limit: entries.length, minShared: MIN_SHARED_TERMS })
  const weight = ({ relevance, importance }: { relevance: number; importance: number }) => relevance * (1 + importance)
  return ranked.toSorted((one, other) => weight(other) - weight(one) || other.at - one.at).slice(0, limit)
}
