import type { Effects, Turn } from '../../kernel/types.ts'
import { decodeStep, encodeStep } from '../../step/messages/codec.ts'
import { stepPartName } from '../../step/record/outcome.ts'
import type { LateRemark } from '../messages.ts'
import type { RunHead } from '../run.ts'

/** Warnings of one step. */
const MAX_WARNINGS = 20

/**
 * Adds a warning to a step that has ended, also after the end of the run. The reply says whether the step had ended.
 */
export async function recordLateRemark(
  state: RunHead,
  { step, warning }: LateRemark,
  { part }: Pick<Effects, 'part'>,
): Promise<Turn<RunHead>> {
  if (state.status === 'new') return { reply: false, stop: true }
  const name = stepPartName(step)
  const ended = decodeStep(await part(name))
  if (ended?.status !== 'completed' && ended?.status !== 'failed') return { reply: false }
  const warnings = [...new Set([...(ended.warnings ?? []), warning])].slice(0, MAX_WARNINGS)
  return { reply: true, parts: { [name]: encodeStep({ ...ended, warnings }) } }
}
