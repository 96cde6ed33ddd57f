import { problemOf } from '../../errors.ts'
import type { AskMemory, Hit } from '../../thread/protocol/phase-types.ts'
import type { ChainServices, RecallFilter } from '../protocol/phase.ts'
import { sourceFilter } from './learned.ts'
import { lacksOf, MAX_RECORDS, memoryQuery, recordHit, recordText } from './records.ts'

type Recall = RecallFilter & {
  readonly question: string
  /** absent: the ask reads no memory */
  readonly memory: AskMemory | undefined
  readonly signal: AbortSignal
}

type Recalled = { readonly hits: readonly Hit[]; readonly lacks: readonly string[] }

/**
 * The records of the asker's memory that fit a question, the best first, with the ids r1, r2, … A filter narrows those
 * of the ask and never widens them. A failure is a lack.
 */
export async function recallRecords(
  { memory: memoryOf }: Pick<ChainServices, 'memory'>,
  { question, kinds, space, memory, signal }: Recall,
): Promise<Recalled> {
  if (!memory || !memoryOf) return NOTHING
  const { owner, pinned: _, learned: __, ...filter } = memory
  if (!isInside(space, filter.space))
    return { hits: [], lacks: [`the space ${space} was not read: the ask reads ${filter.space}`] }
  try {
    const within = space === undefined ? filter : { ...filter, space }
    const query = { ...within, text: memoryQuery(question), limit: MAX_RECORDS }
    const queries = kinds ? kinds.map((kind) => ({ ...query, kind })) : [{ ...sourceFilter(memory), ...query }]
    const found = await Promise.all(queries.map((one) => memoryOf(owner).search(one)))
    const best = found.flatMap(({ records }) => records).sort((one, other) => other.score - one.score)
    const hits = best.slice(0, MAX_RECORDS).map((one, at) => recordHit(recordText(one), `r${at + 1}`, one.score))
    return { hits, lacks: [...new Set(found.flatMap(lacksOf))] }
  } catch (error) {
    signal.throwIfAborted()
    return { hits: [], lacks: [`the memory was not searched: ${problemOf(error).message}`] }
  }
}

const NOTHING: Recalled = { hits: [], lacks: [] }

const isInside = (space: string | undefined, all = '') =>
  space === undefined || all === '' || space === all || space.startsWith(`${all}/`)
