import { NotFoundError, problemOf } from '../../errors.ts'
import type { Effects, Turn } from '../../kernel/types.ts'
import { find, keepKnown, reduce } from '../context/reduce.ts'
import type { ChainEvent, ChainState, Work } from '../protocol/ask-state.ts'
import {
  answerNumber,
  type Context,
  type Operation,
  operationFor,
  promptNumber,
  type Rejected,
} from '../protocol/context-operations.ts'
import type { ConsentMessage } from '../protocol/messages.ts'
import { indexOf } from './index-fields.ts'
import { isOpen } from './lifecycle.ts'
import { readRecord } from './parts.ts'

/** A thread with another context; it keeps none where there is nothing to tell. */
export function withContext({ context: _, ...state }: ChainState, context: Context): ChainState {
  return context.length === 0 ? state : { ...state, context }
}

/** A thread without what is done to messages that no prompt gets any more. */
export function withoutForgotten(state: ChainState): ChainState {
  return state.context ? withContext(state, keepKnown(state.context, knownIn(state))) : state
}

/** Takes up what Understanding wants of the messages its ask was shown. Nothing of a user's is changed by that: they are asked. */
export function takeOperations(
  state: ChainState,
  operations: readonly Operation[] | undefined,
  { work, now }: { readonly work: Pick<Work, 'history'>; readonly now: number },
): { readonly state: ChainState; readonly events: readonly ChainEvent[] } {
  const { current } = state
  if (!operations || !current) return { state, events: [] }
  const looked = new Set(work.history.flatMap(({ n }) => n ?? []))
  const scope = { known: knownIn(state), looked, ask: current.id, at: now }
  const { context, changes, rejected } = reduce(state.context ?? [], operations, scope)
  const told = { operations: changes, ...(rejected.length > 0 && { rejected }) }
  const events = changes.length + rejected.length > 0 ? [{ type: 'context-change' as const, ...told, at: now }] : []
  return { state: withContext(state, context), events }
}

/** Takes what users say of messages: all of it, or none where there is no such message. What an ask under way was shown stays as it is. */
export async function takeConsent(
  state: ChainState,
  { answers }: ConsentMessage,
  effects: Effects,
): Promise<Turn<ChainState>> {
  const at = await effects.now()
  const operations = answers.map(({ message, answer }) => operationFor(message, answer))
  const scope = { known: knownIn(state), looked: NONE, ask: effects.message.correlationId, at }
  const { context, rejected } = reduce(state.context ?? [], operations, scope)
  if (rejected[0]) return { refuse: problemOf(noMessage(rejected[0])), ...(!isOpen(state) && { stop: true as const }) }
  const next = withContext(state, context)
  const reply = answers.map(({ message }) => ({ message, inPrompts: find(context, message).inPrompts }))
  const event: ChainEvent = { type: 'consent-answer', answers, at }
  return { state: next, reply, events: [event], index: indexOf(next, await statusOf(next, effects), at, next.current) }
}

const NONE: ReadonlySet<number> = new Set()

/** The messages that later prompts may show. */
function knownIn({ remembered }: ChainState): ReadonlySet<number> {
  return new Set(remembered.flatMap((ask) => [promptNumber(ask), answerNumber(ask)]))
}

function noMessage({ operation, why }: Rejected): NotFoundError {
  const hint = 'GET /v1/threads/{thread}/messages tells of each message what is done to it in prompts'
  return new NotFoundError(`message ${operation.target}: ${why}`, { hint })
}

async function statusOf({ current, queue, asks }: ChainState, effects: Effects): Promise<string> {
  return current || queue.length > 0 ? 'running' : (await readRecord(effects, asks)).status
}
