import { hash } from 'node:crypto'
import {
  type CycleDecision,
  type LoopDecision,
  type LoopEntry,
  type LoopTarget,
  MODEL_LOOP_TARGETS,
  type RecursionMode,
  type YieldReason,
} from '../../thread/protocol/cycle-decision.ts'
import type { ChainLimits } from './limits.ts'

/** Understanding's assessment of the ask; numbers are 0..1. */
export type CycleJudgement = {
  readonly loop: boolean
  readonly confidence: number
  readonly gaps: readonly string[]
  readonly infoSufficiency?: number | undefined
  readonly unclearIntent?: boolean | undefined
  readonly needsTools?: boolean | undefined
  readonly target?: string | undefined
}

/** The progress of the loop. `convergence`: 0 if the draft repeats the last, 1 if all is new, null for the first. */
export type RecursionState = {
  /** from 1 */
  readonly cycle: number
  readonly convergence: number | null
  readonly history: readonly LoopEntry[]
  /** absent: auto */
  readonly mode?: RecursionMode | undefined
  readonly spent?: 'cancelled' | 'deadline' | 'budget'
}

const MIN_CONFIDENCE_TO_YIELD = 0.9
const MAX_CONVERGED_CHANGE = 0.1
const MIN_SUFFICIENT_INFO = 0.7

/**
 * Whether another cycle runs, and from which phase. The first matching
 * rule decides; without an assessment, Understanding was degraded.
 */
export function decideCycle(
  judgement: CycleJudgement | undefined,
  recursion: RecursionState,
  limits: Pick<ChainLimits, 'maxCycles'>,
): CycleDecision {
  const { cycle, convergence, spent, mode } = recursion
  if (spent) return yieldFor(spent)
  if (mode === 'never') return yieldFor('never')
  if (cycle >= limits.maxCycles) return yieldFor('max_cycles')
  if (!judgement) return yieldFor('degraded')
  if (judgement.confidence > MIN_CONFIDENCE_TO_YIELD) return yieldFor('confident')
  if (cycle > 1 && convergence !== null && convergence < MAX_CONVERGED_CHANGE) return yieldFor('converged')
  const loop: LoopDecision = { decision: 'loop', ...targetOf(judgement), prompt: continuationPrompt(judgement.gaps) }
  if (recursion.history.some((past) => isSameLoop(past, loop))) return yieldFor('loop_detected')
  return judgement.loop ? loop : yieldFor('complete')
}

/** A loop decision as it is stored, so that a repetition is recognised. */
export function toLoopEntry(cycle: number, { target, reason, prompt }: LoopDecision): LoopEntry {
  return { cycle, target, reason, promptHash: promptHash(prompt) }
}

/** The default task of a further cycle, made from the gaps. */
export function continuationPrompt(gaps: readonly string[]): string {
  const named = gaps.filter((gap) => gap.trim() !== '')
  return named.length > 0 ? `${OPEN}${named.join('; ')}` : LOOK_AGAIN
}

const OPEN = 'Still open: '
const LOOK_AGAIN = 'Look again, more closely.'

/** The task of the answer after several cycles: what a person asked for, and what the last cycle has left open. */
export function answerPrompt(continuation: string, gaps: readonly string[]): string {
  if (continuation === '') return ''
  const isMade = continuation === LOOK_AGAIN || continuation.startsWith(OPEN)
  const open = continuationPrompt(gaps)
  return [...(isMade ? [] : [continuation]), ...(open === LOOK_AGAIN ? [] : [open])].join('\n')
}

const yieldFor = (reason: YieldReason): CycleDecision => ({ decision: 'yield', reason })

function targetOf({ target, infoSufficiency, unclearIntent, needsTools }: CycleJudgement): {
  target: LoopTarget
  reason: string
} {
  const asked = MODEL_LOOP_TARGETS.find((name) => name === target)
  if (asked) return { target: asked, reason: 'as Understanding asked' }
  if (infoSufficiency !== undefined && infoSufficiency < MIN_SUFFICIENT_INFO)
    return { target: 'experience', reason: 'needs information' }
  if (unclearIntent) return { target: 'intention', reason: 'unclear intent' }
  return { target: 'action', reason: needsTools ? 'needs tools' : 'not answered yet' }
}

function isSameLoop(past: LoopEntry, next: { target: LoopTarget; prompt: string }): boolean {
  return past.target === next.target && past.promptHash === promptHash(next.prompt)
}

function promptHash(prompt: string): string {
  return hash('sha256', prompt.toLowerCase().replace(/\s+/g, ' ').trim(), 'base64url').slice(0, 22)
}
