/** Decides on further cycles: Understanding, never, or an external caller each time. */
export const RECURSION_MODES = ['auto', 'never', 'step'] as const
export type RecursionMode = (typeof RECURSION_MODES)[number]

/** Where a further cycle may start by Understanding's decision; never at Understanding itself. */
export const MODEL_LOOP_TARGETS = ['action', 'experience', 'intention', 'observation'] as const
/** Where a further cycle may start by an external decision. */
export const LOOP_TARGETS = [...MODEL_LOOP_TARGETS, 'understanding'] as const
export type LoopTarget = (typeof LOOP_TARGETS)[number]

/** A decided further cycle. */
export type LoopEntry = {
  readonly cycle: number
  readonly target: LoopTarget
  readonly reason: string
  readonly promptHash: string
}

export type CycleDecision =
  | { readonly decision: 'yield'; readonly reason: YieldReason }
  | { readonly decision: 'loop'; readonly reason: string; readonly target: LoopTarget; readonly prompt: string }
export type LoopDecision = Extract<CycleDecision, { decision: 'loop' }>
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
  // an external decision
  | 'decided'

type Proposable = Pick<CycleDecision, 'decision' | 'reason'> & { readonly target?: string | undefined }

/** Understanding's proposal in a few words. */
export function describeProposal({ decision, target, reason }: Proposable): string {
  const what = decision === 'loop' ? `to go round again from ${target}` : 'to answer'
  return `Understanding proposes ${what}: ${reason}`
}
