import type { EffectCall } from '../types.ts'
import type { EffectAttempt } from './judge.ts'

/** The mark that the work of an attempt began. `isLeft`: an earlier process made it, and was killed. */
export type AttemptMark = {
  readonly isLeft: boolean
  readonly began?: number
  /** Resolves when the mark is on disk. Before that, a kill does not use up the attempt. */
  begin(): Promise<void>
}

export type MarkedCall = Pick<EffectCall, 'counted' | 'begin'>

export const countedCall = ({ cutOff }: EffectAttempt, mark: AttemptMark): MarkedCall => ({
  counted: { cutOff },
  begin: (work) => mark.begin().then(work),
})
