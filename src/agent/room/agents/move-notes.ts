import { is } from '../../../errors.ts'
import { isJsonObject } from '../../../kernel/json.ts'
import { justBeforePrefix, type ReadParts } from '../../../kernel/parts.ts'
import type { Json } from '../../../kernel/schema.ts'
import type { Memory } from '../../../memory/memory.ts'
import { type NewRecord, recordIdFor, recordText } from '../../../memory/record.ts'
import { valuesPrefix } from '../../../pipeline/plan/messages/notes.ts'
import type { PipelineServices } from '../../../pipeline/step/context.ts'
import { readRef, type ValueRef, type ValueStore } from '../../../run/values.ts'
import { agentSource, agentSpace } from '../../memory/spaces.ts'

type Parts = {
  readonly values: ValueStore
  readonly readParts: ReadParts
  readonly askActor: NonNullable<PipelineServices['askActor']>
  memory(owner: string): Memory
}

type AgentOfOwner = { readonly owner: string; readonly agent: string }

/** Agents whose notes a process has looked for, at most. */
const MAX_KNOWN = 10_000

/**
 * Earlier versions kept the memory of an agent in the notes of its owner. This moves them when the agent is used. A
 * note is deleted when its records are on disk, so a kill between the two repeats the move and changes nothing.
 */
export function notesMover({ values, readParts, askActor, memory }: Parts) {
  const known = new Set<string>()
  return async ({ owner, agent }: AgentOfOwner): Promise<void> => {
    const name = JSON.stringify([owner, agent])
    if (known.has(name)) return
    const namespace = `agent/${agent}`
    const prefix = valuesPrefix(namespace)
    const page = { prefix, after: justBeforePrefix(prefix) }
    for await (const [part, ref] of readParts({ kind: 'notes', key: owner }, page)) {
      const records = recordsIn(await readRef(values, ref as ValueRef), agent)
      if (!records) continue
      await move(memory(owner), agent, records)
      const [, key] = JSON.parse(part.slice('value/'.length)) as [string, string]
      await askActor({ kind: 'notes', key: owner }, { type: 'delete', namespace, key }, `notes/${owner}`)
    }
    if (known.size >= MAX_KNOWN) known.clear()
    known.add(name)
  }
}

type Old = { readonly goal: string; readonly at: number; readonly records: readonly NewRecord[] }

async function move(memory: Memory, agent: string, { goal, at, records }: Old): Promise<void> {
  try {
    await memory.add(records, {
      source: { type: 'goal', ref: agentSource(agent), run: goal },
      cause: { type: 'import' },
      begunAt: at,
      replaces: true,
    })
  } catch (error) {
    if (!is(error) || error.code !== 'forgotten') throw error
  }
}

/** The records of a note; undefined if it is not one that an agent wrote. Anybody with the tool may write notes. */
function recordsIn(note: Json, agent: string): Old | undefined {
  const memories = isJsonObject(note) && Array.isArray(note.memories) ? note.memories.slice(0, MAX_ENTRIES) : []
  const records = memories.flatMap((entry): NewRecord[] => {
    if (!isJsonObject(entry)) return []
    const { id, text, kind, importance, outcome, tags, rating } = entry
    if (typeof id !== 'string' || typeof text !== 'string' || text.trim() === '') return []
    if ((kind !== 'goal' && kind !== 'action') || typeof importance !== 'number' || !isJsonObject(tags ?? null))
      return []
    const data = {
      ...(tags as object),
      ...(outcome !== undefined && { outcome }),
      ...(rating !== undefined && { rating }),
    }
    const share = Math.min(1, Math.max(0, importance))
    return [
      {
        id: recordIdFor(`goal:${id}`),
        space: agentSpace(agent, {}),
        kind,
        text: recordText(text).slice(0, MAX_TEXT),
        data: data as Json,
        importance: share,
      },
    ]
  })
  const [first] = memories as readonly { readonly id?: Json; readonly at?: Json }[]
  if (records.length === 0 || typeof first?.id !== 'string' || typeof first.at !== 'number') return undefined
  return { goal: first.id, at: first.at, records }
}

/** Entries of a note, and characters of each: earlier versions wrote no more. */
const MAX_ENTRIES = 201
const MAX_TEXT = 2000
