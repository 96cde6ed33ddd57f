import type { ActorRef } from '../kernel/types.ts'

/**
 * The kinds of the actors that do work, which rooms below and above name. Data folders hold these words: a thread is
 * stored as a chain, and a goal as an agent.
 */
export const KIND = { run: 'run', step: 'step', goal: 'agent', thread: 'chain', phase: 'phase' } as const

/** The actor of a run. */
export const runRef = (id: string): ActorRef => ({ kind: KIND.run, key: id })

/** The actor of a step. */
export const stepRef = (run: string, step: string): ActorRef => ({ kind: KIND.step, key: `${run}.${step}` })

/** The actor of a goal. */
export const goalRef = (id: string): ActorRef => ({ kind: KIND.goal, key: id })

/** The actor of a thread. */
export const threadRef = (thread: string): ActorRef => ({ kind: KIND.thread, key: thread })
