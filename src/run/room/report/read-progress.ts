import { readStepParts } from '../../../step/messages/step-parts.ts'
import { type ModelUse, sumTaken } from '../../../step/record/model-use.ts'
import { hasEnded } from '../../../step/record/outcome.ts'
import { peekRun } from '../../records.ts'
import type { ProgressOfRun } from '../executor.ts'
import type { RunReader } from './read-run.ts'

/** Steps of a run whose models are added up; the document of a run with more has its usage. */
const MAX_ADDED = 2000

/** How far a run is, and what its models took; undefined when it has not begun. */
export async function readProgress(view: RunReader, id: string): Promise<ProgressOfRun | undefined> {
  const state = await peekRun(view, id)
  if (!state || state.status === 'new') return undefined
  const { total, done, failed, skipped } = state
  const uses = total > MAX_ADDED ? [] : await usesIn(view, id)
  return { total, done, failed, skipped, ...(uses.length > 0 && { usage: sumTaken(uses) }) }
}

/** The model calls of the run itself: reused results cost nothing now. */
async function usesIn({ parts }: RunReader, id: string): Promise<readonly ModelUse[]> {
  const uses: ModelUse[] = []
  for await (const [, part] of readStepParts(parts, id)) {
    if (!hasEnded(part) || part.status === 'skipped') continue
    const { attempts, models = [] } = part
    const isReused = part.status === 'completed' && part.reuse?.same && attempts === 0
    if (!isReused) uses.push(...models)
  }
  return uses
}
