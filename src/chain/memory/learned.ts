import { type Problem, problemOf } from '../../errors.ts'
import type { Effects } from '../../kernel/types.ts'
import { clip } from '../../lib/clip.ts'
import { type NewRecord, type RecordFilter, recordText } from '../../memory/record.ts'
import type { AskWork } from '../../thread/protocol/ask-state.ts'
import type { AskMemory, PhaseInput, PhaseName } from '../../thread/protocol/phase-types.ts'
import { neutralizeTags } from '../protocol/bounds.ts'
import type { ChainServices, MemoryOfOwner } from '../protocol/phase.ts'

/** The space of what phases learn. It is shown to phases as a note, and is no source that an answer cites. */
const LEARNED_SPACE = 'learned'

/** The space of what phases learn on a thread; it is forgotten with the thread. */
const learnedSpace = (thread: string): string => `${LEARNED_SPACE}/${thread.replaceAll('/', '.')}`

/** Weaker connections stay in the state of their phase. */
const MIN_CONFIDENCE = 0.7
/** Records that an ask adds, and texts that a later ask is shown. */
const MAX_WRITTEN = 20
const MAX_SHOWN = 5
const MAX_SHOWN_SIZE = 400

/** The filters of a search for sources: they leave out what phases have learned, unless its space is named. */
export function sourceFilter({ owner: _, pinned: __, learned: ___, ...filter }: AskMemory): RecordFilter {
  return filter.space === undefined ? { ...filter, reader: { hidden: [LEARNED_SPACE] } } : filter
}

/** Whether phases learn: a model writes for the ask. What the offline model selects would be copies of texts. */
export function mayLearn({ learn = true, models }: ChainServices, work: AskWork): boolean {
  if (!learn || work.quick) return false
  const named = Object.values(work.models).flat()
  return named.some((id) => !isOffline(id)) || (work.models.default === undefined && !models.default.offline)
}

const isOffline = (id: string) => id.startsWith('offline/')

/**
 * The learned texts that fit a question, the best first: intentions of all threads, and observations of this one. None
 * if the ask reads only a part of the memory.
 */
export async function findLearned(
  memories: MemoryOfOwner,
  { owner, space, asOf, knownAt }: AskMemory,
  { text, thread }: { readonly text: string; readonly thread: string },
): Promise<readonly string[]> {
  if ((space ?? asOf ?? knownAt) !== undefined) return []
  const memory = memories(owner)
  const [any] = await memory.list({ space: LEARNED_SPACE, limit: 1 })
  if (!any) return []
  const search = async (kind: string, within: string) =>
    (await memory.search({ text, kind, space: within, limit: MAX_SHOWN, isRecall: true })).records
  const found = await Promise.all([search('intention', LEARNED_SPACE), search('observation', learnedSpace(thread))])
  const best = found.flat().sort((one, other) => other.score - one.score)
  return [...new Set(best.slice(0, MAX_SHOWN).map((one) => neutralizeTags(clip(one.text, MAX_SHOWN_SIZE))))]
}

/** Forgets what phases have learned on a thread that goes, or tells why it cannot. */
export async function forgetLearned(
  effects: Effects,
  owner: string,
  memories: MemoryOfOwner | undefined,
): Promise<Problem | null> {
  if (!memories?.mayHold()) return null
  const space = learnedSpace(effects.self.key)
  const forget = async (): Promise<Problem | null> => {
    try {
      const memory = memories(owner)
      const [any] = await memory.list({ space, limit: 1 })
      if (any) await memory.forget({ space })
      return null
    } catch (error) {
      return problemOf(error)
    }
  }
  return effects.run('forget-learned', forget, { effect: 'idempotent' })
}

/** The document about earlier asks, for a model that weighs it; it has no id that an answer could cite. */
export function learnedDocuments({ memory }: Pick<PhaseInput, 'memory'>) {
  const { learned = [] } = memory ?? {}
  return learned.length === 0 ? [] : [{ name: 'learned earlier', text: learned.map((text) => `- ${text}`).join('\n') }]
}

/** Records of what phases of a completed ask learned. Their ids follow from their content: repeats change nothing. */
export function learnedRecords({ learn, outputs, trace }: AskWork, thread: string): readonly NewRecord[] {
  if (!learn) return []
  const isWritten = (phase: PhaseName) => {
    const last = trace.findLast((one) => one.phase === phase)
    return last?.status === 'completed' && !isOffline(last.model)
  }
  const intention = isWritten('intention') ? outputs.intention : undefined
  const observed = isWritten('observation') ? outputs.observation : undefined
  const sure = (observed?.connections ?? []).filter(
    ({ source, target, confidence }) => confidence > MIN_CONFIDENCE && wordsOf(source) !== wordsOf(target),
  )
  const links = sure.map(({ source, type, target }) => `${source} ${type} ${target}`)
  const records = [
    ...(intention ? [{ kind: 'intention', space: LEARNED_SPACE, text: intention.explicitIntent }] : []),
    ...[...(observed?.observations ?? []), ...links].map((text) => ({
      kind: 'observation',
      space: learnedSpace(thread),
      text,
    })),
  ]
  return records
    .map((record) => ({ ...record, text: recordText(record.text).trim() }))
    .filter(({ text }) => text !== '')
    .slice(0, MAX_WRITTEN)
}

const wordsOf = (text: string) => text.trim().toLowerCase()
