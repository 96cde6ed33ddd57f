import { NotFoundError, problemOf } from '../../errors.ts'
import { recordAct } from '../../house/act.ts'
import type { Effects, Turn } from '../../kernel/types.ts'
import { ownerOf } from '../../lib/owner.ts'
import type { AskWork, ChainEvent, ThreadState } from '../protocol/ask-state.ts'
import type { ContextOperation, RejectedOperation, Treatments } from '../protocol/context-operations.ts'
import { answerMessage, consentOperation, promptMessage } from '../protocol/context-operations.ts'
import type { ConsentMessage } from '../protocol/messages.ts'
import { isThreadOpen } from './lifecycle.ts'
import { readRecord, threadIndex } from './parts.ts'
import { keepKnownTreatments, reduceTreatments, treatmentOf } from './treatments.ts'

/** A thread with other treatments; the field is absent when there are none. */
export function withTreatments({ context: _, ...state }: ThreadState, context: Treatments): ThreadState {
  return context.length === 0 ? state : { ...state, context }
}

/** Drops the treatments of messages that no longer reach any prompt. */
export function dropStaleTreatments(state: ThreadState): ThreadState {
  return state.context ? withTreatments(state, keepKnownTreatments(state.context, knownIn(state))) : state
}

/** Applies the operations that Understanding proposes. Messages of users do not change: the user is asked first. */
export function applyOperations(
  state: ThreadState,
  operations: readonly ContextOperation[] | undefined,
  { work, now }: { readonly work: Pick<AskWork, 'history'>; readonly now: number },
): { readonly state: ThreadState; readonly events: readonly ChainEvent[] } {
  const { current } = state
  if (!operations || !current) return { state, events: [] }
  const looked = new Set(work.history.flatMap(({ n }) => n ?? []))
  const scope = { known: knownIn(state), looked, ask: current.id, at: now }
  const { context, changes, rejected } = reduceTreatments(state.context ?? [], operations, scope)
  const result = { operations: changes, ...(rejected.length > 0 && { rejected }) }
  const events = changes.length + rejected.length > 0 ? [{ type: 'context-change' as const, ...result, at: now }] : []
  return { state: withTreatments(state, context), events }
}

/** Applies a user's answers about messages: all, or none if a message is missing. The current ask's prompt stays. */
export async function applyConsent(
  state: ThreadState,
  { answers, by }: ConsentMessage,
  effects: Effects,
): Promise<Turn<ThreadState>> {
  const at = await effects.now()
  const operations = answers.map(({ message, answer }) => consentOperation(message, answer))
  const scope = { known: knownIn(state), looked: NO_MESSAGES, ask: effects.message.correlationId, at }
  const { context, rejected } = reduceTreatments(state.context ?? [], operations, scope)
  if (rejected[0])
    return { refuse: problemOf(noMessage(rejected[0])), ...(!isThreadOpen(state) && { stop: true as const }) }
  const next = withTreatments(state, context)
  const reply = answers.map(({ message }) => ({ message, inPrompts: treatmentOf(context, message).inPrompts }))
  const event: ChainEvent = { type: 'consent-answer', answers, at, ...(by && { by }) }
  const act = { at, owner: ownerOf(state), what: 'consented', conversation: effects.self.key } as const
  return {
    state: next,
    reply,
    events: [event],
    ...(by && { send: [recordAct({ ...act, by })] }),
    index: threadIndex(next, await statusOf(next, effects), at, next.current),
  }
}

const NO_MESSAGES: ReadonlySet<number> = new Set()

/** The messages that later prompts may show. */
function knownIn({ remembered }: ThreadState): ReadonlySet<number> {
  return new Set(remembered.flatMap((ask) => [promptMessage(ask), answerMessage(ask)]))
}

function noMessage({ operation, why }: RejectedOperation): NotFoundError {
  const hint = 'GET /v1/threads/{thread}/messages shows for each message how prompts treat it.'
  return new NotFoundError(`Message ${operation.target}: ${why}`, { hint })
}

async function statusOf({ current, queue, asks }: ThreadState, effects: Effects): Promise<string> {
  return current || queue.length > 0 ? 'running' : (await readRecord(effects, asks)).status
}
