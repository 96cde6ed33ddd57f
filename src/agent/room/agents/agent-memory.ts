import type { EngineView } from '../../../engine/engine.ts'
import { is } from '../../../errors.ts'
import { isInterruption } from '../../../kernel/faults.ts'
import { isJsonObject } from '../../../kernel/json.ts'
import { LOCAL_OWNER } from '../../../lib/owner.ts'
import { MEMORY_LIMITS, mayEndOwnOnly } from '../../../memory/limits.ts'
import type { Memory, RecordSearch } from '../../../memory/memory.ts'
import type { MemoryRecord, NewRecord } from '../../../memory/record.ts'
import { recordIdFor, recordText } from '../../../memory/record.ts'
import { documentOf, inTurns } from '../../../memory/room/shared-memory.ts'
import { AGENT_SPACES, OWNER_MEMORY } from '../../../memory/space.ts'
import { readsOwner, sharedSpaces } from '../../definition/agent-name.ts'
import type { AgentMemory, AgentMemoryEntry, RecalledMemory, Rememberer } from '../../memory/agent-memory.ts'
import { lineageOf } from '../../memory/lineage.ts'
import { agentSource, agentSpace } from '../../memory/spaces.ts'

const NONE: ReadonlySet<string> = new Set()
/** How many times more records are searched where some of them are left out. */
const SEARCHED_TIMES = 4

type Parts = {
  memory(owner: string): Memory
  /** The memory of the operator. */
  operator(): Memory
  readonly view: Pick<EngineView, 'peek'>
  /** Tells people why nothing is recalled. */
  notice(line: string): void
}

/** The memory of agents, over the memory of their owners. */
export function agentMemory({ memory, operator, view, notice }: Parts): AgentMemory {
  async function placeOf({ owner = LOCAL_OWNER, agent, goal, settings }: Rememberer) {
    const { conversation, begunAt } = await lineageOf(view.peek, goal)
    return { own: memory(owner), space: agentSpace(agent, settings, conversation), begunAt }
  }
  return {
    async record(of, entries) {
      try {
        const { own, space, begunAt } = await placeOf(of)
        await own.add(
          entries.map((entry) => recordOf(entry, space)),
          {
            source: { type: 'goal', ref: agentSource(of.agent), run: of.goal },
            cause: { type: 'goal', id: of.goal },
            replaces: true,
            ...(begunAt !== undefined && { begunAt }),
          },
        )
      } catch (error) {
        // records forgotten since the goal began do not return
        if (!is(error) || (error.code !== 'memory_not_shared' && error.code !== 'forgotten')) throw error
      }
    },
    async recall(of, text, limit) {
      try {
        const { own, space } = await placeOf(of)
        const within = of.isWide ? agentSpace(of.agent, of.settings) : space
        const query = { text: text.slice(0, MEMORY_LIMITS.query), limit, isRecall: true as const }
        const { shown = NONE } = of
        const { records } = await own.search({
          ...query,
          space: within,
          ...(shown.size > 0 && { limit: SEARCHED_TIMES * limit }),
        })
        const others = records.filter(({ source }) => source.run === undefined || !shown.has(source.run))
        const lists = [others.slice(0, limit).map(recalledOf)]
        if (readsOwner(of.settings, false)) lists.push(await recallOwner(own, query))
        for (const space of sharedSpaces(of.settings)) {
          const found = await operator().search({ ...query, space })
          lists.push(found.records.map((record) => sharedOf(record, space)))
        }
        return inTurns(lists, limit)
      } catch (error) {
        if (isInterruption(error)) throw error
        notice(`agents recall nothing: ${error instanceof Error ? error.message : String(error)}`)
        return []
      }
    },
  }
}

/** The records that persons told and files say, and no model wrote. */
async function recallOwner(own: Memory, query: RecordSearch & { readonly limit: number }): Promise<RecalledMemory[]> {
  const { records } = await own.search({ ...query, limit: query.limit * 2, reader: { hidden: [AGENT_SPACES] } })
  const ofPersons = records.filter(({ source }) => !mayEndOwnOnly(source)).slice(0, query.limit)
  return ofPersons.map((record) => ({ ...recalledOf(record), from: `${OWNER_MEMORY}, ${recalledOf(record).from}` }))
}

function sharedOf(record: MemoryRecord, space: string): RecalledMemory {
  const { ref } = documentOf(record.source)
  return { ...recalledOf(record), from: ref === undefined ? space : `${space}, ${ref}` }
}

function recordOf({ id, kind, text, outcome, importance, tags, rating }: AgentMemoryEntry, space: string): NewRecord {
  const data = { ...tags, outcome, ...(rating && { rating }) }
  return { id: recordIdFor(`goal:${id}`), space, kind, text: recordText(text), data, importance }
}

function recalledOf({ text, subject, source, data }: MemoryRecord): RecalledMemory {
  const rating = isJsonObject(data ?? null) ? (data as { readonly rating?: unknown }).rating : undefined
  const from = [source.type, source.run ?? source.ref].filter(Boolean).join(' ')
  return {
    text,
    from,
    ...(subject !== undefined && { subject }),
    ...((rating === 'good' || rating === 'bad') && { rating }),
  }
}
