import { InvalidError, NotFoundError, problemOf } from '../../errors.ts'
import type { Effects, Turn } from '../../kernel/types.ts'
import { ownerField, ownerOf } from '../../lib/owner.ts'
import type { Answerer } from '../answerer.ts'
import type { AskRecord, ThreadState } from '../protocol/ask-state.ts'
import type { NameMessage, OpenMessage, RemovedMessage } from '../protocol/messages.ts'
import { askPartName, threadIndex } from './parts.ts'

/** Opens a thread before its first ask, so that it has an owner. An open thread does not change. */
export async function openThread(
  state: ThreadState,
  message: OpenMessage,
  effects: Effects,
): Promise<Turn<ThreadState>> {
  if (isThreadOpen(state)) {
    if (ownerOf(state) === ownerOf(message)) return { reply: true }
    return { refuse: problemOf(threadNotFound(effects.self.key)) }
  }
  const { owner, name } = message
  const startedAt = effects.message.createdAt
  const next = { ...state, ...ownerField(owner), startedAt, ...(name !== undefined && { name }) }
  return { state: next, reply: true, index: threadIndex(next, 'completed', await effects.now(), null) }
}

/** Gives a thread another name for people; an empty one removes it. */
export async function nameThread(
  state: ThreadState,
  { name }: NameMessage,
  effects: Effects,
): Promise<Turn<ThreadState>> {
  const refused = refuseIfAway(state, effects)
  if (refused) return refused
  const { name: _, ...rest } = state
  const next: ThreadState = name === '' ? rest : { ...rest, name }
  const last = state.asks === 0 ? undefined : ((await effects.part(askPartName(state.asks))) as AskRecord | undefined)
  const status = state.current ? 'running' : (last?.status ?? 'completed')
  return { state: next, reply: true, index: threadIndex(next, status, await effects.now(), state.current) }
}

/** Deletes a thread without work, with its phases and what they have learned on it; replies whether it did. */
export async function expireThread(
  state: ThreadState,
  effects: Effects,
  answerers: readonly Answerer[],
): Promise<Turn<ThreadState>> {
  if (isAtWork(state)) return { reply: false }
  const problem = state.removed ? null : await forgetWork(state, effects, answerers)
  if (problem) return { refuse: problem }
  return { send: leave(effects.self.key, answerers), reply: true, stop: true }
}

/**
 * Deletes a thread as `expireThread` does, and replies with the number of its asks. For a month the thread refuses
 * messages: they would begin a new one under the name of the old.
 */
export async function removeThread(
  state: ThreadState,
  effects: Effects,
  answerers: readonly Answerer[],
): Promise<Turn<ThreadState>> {
  const refused = refuseIfAway(state, effects)
  if (refused) return refused
  const { self } = effects
  if (isAtWork(state)) return { refuse: problemOf(threadAtWork(self.key)) }
  const problem = await forgetWork(state, effects, answerers)
  if (problem) return { refuse: problem }
  const body = { type: 'removed', ...ownerField(state.owner) }
  return { send: [...leave(self.key, answerers), { to: self, body }], reply: state.asks, stop: true }
}

/** A month in ms. */
const REFUSAL_MS = 30 * 24 * 3_600_000

/** A thread that was removed. Lists leave it out. */
export async function markRemoved(
  state: ThreadState,
  { owner }: RemovedMessage,
  effects: Effects,
): Promise<Turn<ThreadState>> {
  if (isThreadOpen(state)) return {}
  const startedAt = effects.message.createdAt
  const next: ThreadState = { ...state, ...ownerField(owner), startedAt, aside: true, removed: true }
  return {
    state: next,
    index: threadIndex(next, 'removed', await effects.now(), null),
    timers: { forget: { delay: REFUSAL_MS, body: { type: 'expire' } } },
  }
}

const isAtWork = ({ current, queue }: ThreadState) => current !== null || queue.length > 0

const leave = (thread: string, answerers: readonly Answerer[]) =>
  answerers.flatMap((answerer) => answerer.leave?.(thread) ?? [])

/** Has the answerers forget what they hold of a thread; the first problem, if one cannot. */
async function forgetWork(state: ThreadState, effects: Effects, answerers: readonly Answerer[]) {
  for (const answerer of answerers) {
    const problem = await answerer.forget?.(ownerOf(state), effects)
    if (problem) return problem
  }
  return null
}

function refuseIfAway(state: ThreadState, { self }: Effects): Turn<ThreadState> | undefined {
  if (state.removed) return { refuse: problemOf(threadRemoved(self.key)) }
  return isThreadOpen(state) ? undefined : { refuse: problemOf(threadNotFound(self.key)), stop: true }
}

function threadAtWork(name: string): InvalidError {
  return new InvalidError(`The thread ${name} still answers a message.`, {
    code: 'thread_at_work',
    hint: 'Wait until the work has ended, or stop it.',
  })
}

export function threadRemoved(name: string): InvalidError {
  return new InvalidError(`The thread ${name} was removed.`, {
    code: 'thread_removed',
    hint: 'Begin another thread, with another id.',
  })
}

/** Whether a thread has an owner: it has an ask, or it was opened without one. */
export const isThreadOpen = ({ startedAt }: Pick<ThreadState, 'startedAt'>): boolean => startedAt !== undefined

/** The error for a thread that does not exist or belongs to someone else. */
export function threadNotFound(name: string): NotFoundError {
  return new NotFoundError(`There is no thread ${name}.`, {
    hint: 'To see yours: antiphon threads list. A new thread needs another name.',
  })
}

/** The error for a decision that no ask waits for: the ask is running, has ended, or waits for something else. */
export function notAwaitingDecision(ask: string): InvalidError {
  return new InvalidError(`The ask ${ask} does not wait for a decision.`, {
    code: 'not_waiting',
    hint: 'To list the asks that wait for one: antiphon inbox',
  })
}
