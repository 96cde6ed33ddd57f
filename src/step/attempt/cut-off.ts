import type { CountedAttempt } from '../../kernel/faults.ts'
import type { EffectCall } from '../../kernel/types.ts'
import type { ResultNote } from '../../tool/tool.ts'
import type { QueuedCall } from '../call/context.ts'
import type { FailedOutcome, RetryLater } from '../record/outcome.ts'

/** The end of a step whose last attempt was cut off by a kill; undefined if it has an attempt left. */
export function endIfUsedUp({ counted, attempt }: QueuedCall, allowed: number): FailedOutcome | undefined {
  if (!counted || attempt <= allowed) return undefined
  const message = `its process ended during attempt ${allowed} of ${allowed}; ${cutOffText(counted)}`
  const hint = 'Run it again. Without `retry`, a step is repeated after any number of kills.'
  const problem = { code: 'cut_off', name: 'TerminalError', message, hint, terminal: true } as const
  return { status: 'failed', attempts: allowed, ms: 0, problem }
}

/** A warning about earlier attempts that a kill cut off. */
export function cutOffNotes({ counted }: EffectCall): ResultNote[] {
  if (!counted || counted.cutOff === 0) return []
  return [{ warning: cutOffText(counted) }]
}

const cutOffText = ({ cutOff }: CountedAttempt) =>
  cutOff === 1 ? 'a kill cut off 1 attempt' : `kills cut off ${cutOff} attempts`

/** The number of attempts that a kill cut off, for a step that goes on in a later turn. */
export function cutOffIn({ counted }: EffectCall): Pick<RetryLater, 'cutOff'> {
  return counted && counted.cutOff > 0 ? { cutOff: counted.cutOff } : {}
}
