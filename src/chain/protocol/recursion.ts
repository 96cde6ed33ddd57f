import { hash } from 'node:crypto'
import type { ChainLimits } from './limits.ts'

/** Whether an ask goes round again: as Understanding decides, never, or as somebody outside decides each time. */
export const RECURSIONS = ['auto', 'never', 'step'] as const
export type Recursion = (typeof RECURSIONS)[number]

/** Where a further cycle may begin by Understanding's own decision; never with itself. */
export const OWN_TARGETS = ['action', 'experience', 'intention', 'observation'] as const
/** Where it may begin when somebody outside decides. */
export const LOOP_TARGETS = [...OWN_TARGETS, 'understanding'] as const
export type LoopTarget = (typeof LOOP_TARGETS)[number]

/** What Understanding says about how far the ask has come; numbers are 0..1. */
export type Judgement = {
  readonly loop: boolean
  readonly confidence: number
  readonly gaps: readonly string[]
  readonly infoSufficiency?: number | undefined
  readonly unclearIntent?: boolean | undefined
  readonly needsTools?: boolean | undefined
  readonly target?: string | undefined
}

/** A further cycle that was decided on. */
export type LoopEntry = {
  readonly cycle: number
  readonly target: LoopTarget
  readonly reason: string
  readonly promptHash: string
}

/** How far the loop has come. `convergence` is 0 when this draft says what the last one said, 1 when all is new; null without a last one. */
export type RecursionState = {
  /** from 1 */
  readonly cycle: number
  readonly convergence: number | null
  readonly history: readonly LoopEntry[]
  /** absent: auto */
  readonly mode?: Recursion | undefined
  readonly spent?: 'cancelled' | 'deadline' | 'budget'
}

export type Decision =
  | { readonly decision: 'yield'; readonly reason: YieldReason }
  | { readonly decision: 'loop'; readonly reason: string; readonly target: LoopTarget; readonly prompt: string }
export type Loop = Extract<Decision, { decision: 'loop' }>
export type YieldReason =
  | 'cancelled'
  | 'deadline'
  | 'budget'
  | 'never'
  | 'max_cycles'
  | 'degraded'
  | 'confident'
  | 'converged'
  | 'loop_detected'
  | 'complete'
  // somebody outside said so
  | 'decided'

const CONFIDENT = 0.9
const CONVERGED = 0.1
const SUFFICIENT = 0.7

/** Whether the chain goes round again, and from where. The first rule that applies decides; no judgement means a degraded one. */
export function decide(
  judgement: Judgement | undefined,
  recursion: RecursionState,
  limits: Pick<ChainLimits, 'maxCycles'>,
): Decision {
  const { cycle, convergence, spent, mode } = recursion
  if (spent) return yieldFor(spent)
  if (mode === 'never') return yieldFor('never')
  if (cycle >= limits.maxCycles) return yieldFor('max_cycles')
  if (!judgement) return yieldFor('degraded')
  if (judgement.confidence > CONFIDENT) return yieldFor('confident')
  if (cycle > 1 && convergence !== null && convergence < CONVERGED) return yieldFor('converged')
  const loop = loopFor(judgement)
  if (recursion.history.some((past) => isSameLoop(past, loop))) return yieldFor('loop_detected')
  return judgement.loop ? loop : yieldFor('complete')
}

/** A loop as it is kept, to recognise it when it comes again. */
export function loopEntry(cycle: number, { target, reason, prompt }: Loop): LoopEntry {
  return { cycle, target, reason, promptHash: promptHash(prompt) }
}

/** What a further cycle is told to find out, where nobody says it in words of their own. */
export function continuationFor(gaps: readonly string[]): string {
  return gaps.length > 0 ? `Still open: ${gaps.join('; ')}` : 'Look again, more closely.'
}

type Proposable = Pick<Decision, 'decision' | 'reason'> & { readonly target?: string | undefined }

/** What Understanding proposes, in some words. */
export function proposalWords({ decision, target, reason }: Proposable): string {
  const what = decision === 'loop' ? `to go round again from ${target}` : 'to answer'
  return `Understanding proposes ${what}: ${reason}`
}

function yieldFor(reason: YieldReason): Decision {
  return { decision: 'yield', reason }
}

function loopFor(judgement: Judgement): Loop {
  return { decision: 'loop', ...targetOf(judgement), prompt: continuationFor(judgement.gaps) }
}

function targetOf({ target, infoSufficiency, unclearIntent, needsTools }: Judgement): {
  target: LoopTarget
  reason: string
} {
  const asked = OWN_TARGETS.find((name) => name === target)
  if (asked) return { target: asked, reason: 'as Understanding asked' }
  if (infoSufficiency !== undefined && infoSufficiency < SUFFICIENT)
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
