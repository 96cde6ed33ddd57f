import { KIND, threadRef } from '../../house/actors.ts'
import type { ActorRef } from '../../kernel/types.ts'
import { PHASES, type PhaseName } from './phase-types.ts'

export function phaseRef(thread: string, phase: PhaseName): ActorRef {
  return { kind: KIND.phase, key: `${thread}.${phase}` }
}

export const phaseOf = (key: string): PhaseName | undefined => PHASES.find((name) => key.endsWith(`.${name}`))

/** The thread that a phase actor belongs to; undefined for any other actor. */
export function threadOfPhase({ kind, key }: ActorRef): ActorRef | undefined {
  const phase = kind === KIND.phase ? phaseOf(key) : undefined
  return phase && threadRef(key.slice(0, -1 - phase.length))
}
