import type { Effects, Turn } from '../../kernel/types.ts'
import { decodeStep } from '../../step/messages/codec.ts'
import {
  PROGRESS_LIMITS,
  type ProgressMessage,
  progressPart,
  type StepLogLine,
  type StepProgress,
} from '../../step/messages/progress.ts'
import { stepPartName } from '../../step/record/outcome.ts'
import type { RunHead } from '../run.ts'

const NONE: StepProgress = { log: [], cut: 0 }

/** Records how far a step is. The first lines of its log stay; those beyond the bounds are counted. */
export async function recordProgress(
  state: RunHead,
  { step, log, cut, ...given }: ProgressMessage,
  { part, message: { createdAt: at } }: Pick<Effects, 'part' | 'message'>,
): Promise<Turn<RunHead>> {
  // its run is over, or has dropped it
  if (state.status === 'new') return { stop: true }
  if (!decodeStep(await part(stepPartName(step)))) return {}
  const name = progressPart(step)
  const known = ((await part(name)) ?? NONE) as StepProgress
  const lines = withinBounds([...known.log, ...log.map((line) => ({ ...line, at }))])
  const more = known.log.length + log.length - lines.length
  const { progress = known.progress } = given
  const next: StepProgress = { ...(progress !== undefined && { progress }), log: lines, cut: known.cut + cut + more }
  return { parts: { [name]: next } }
}

function withinBounds(lines: readonly StepLogLine[]): readonly StepLogLine[] {
  let chars = 0
  const full = lines.findIndex(({ text }, place) => {
    chars += text.length
    return place === PROGRESS_LIMITS.lines || chars > PROGRESS_LIMITS.log
  })
  return full < 0 ? lines : lines.slice(0, full)
}
