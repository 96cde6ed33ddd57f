import type { ActorRef } from '../kernel/types.ts'

/**
 * The kinds of the actors that do work, which rooms below and above name. Data folders hold these words: a thread is
 * stored as a chain, and a goal as an agent.
 */
export const KIND = { run: 'run', step: 'step', goal: 'agent', thread: 'chain', phase: 'phase' } as const

export const runRef = (id: string): ActorRef => ({ kind: KIND.run, key: id })

export const stepRef = (run: string, step: string): ActorRef => ({ kind: KIND.step, key: `${run}.${step}` })

export const goalRef = (id: string): ActorRef => ({ kind: KIND.goal, key: id })

/** Work by its id. Ids are the caller's, so an id does not say what it names. */
export type WorkRef = { readonly kind: 'run' | 'goal' | 'ask' | 'bulk' | 'message'; readonly id: string }

export const runAsWork = (id: string) => ({ kind: 'run', id }) as const

/** The run or the goal that an actor is, or the run whose step it is. */
export function workOf({ kind, key }: ActorRef): WorkRef | undefined {
  if (kind === KIND.goal) return { kind: 'goal', id: key }
  if (kind === KIND.step) return runAsWork(key.slice(0, key.lastIndexOf('.')))
  return kind === KIND.run ? runAsWork(key) : undefined
}

export const threadRef = (thread: string): ActorRef => ({ kind: KIND.thread, key: thread })
