import type { PhaseName } from '../../thread/protocol/phase-types.ts'

/** The chain's phases, by the names that upstream uses. */
export const CHAIN_PHASES = {
  action: 'action',
  experience_vectors: 'experience.vectors',
  experience_web: 'experience.web',
  intention: 'intention',
  observation: 'observation',
  understanding: 'understanding',
  yield: 'yield',
} as const satisfies { readonly [phase: string]: PhaseName }

export type UpstreamPhase = keyof typeof CHAIN_PHASES

export const upstreamPhase = (phase: PhaseName): UpstreamPhase => phase.replace('.', '_') as UpstreamPhase
