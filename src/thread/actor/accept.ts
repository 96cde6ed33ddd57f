import { BusyError, InvalidError, problemOf, TerminalError } from '../../errors.ts'
import type { Effects } from '../../kernel/types.ts'
import { present } from '../../lib/json/present.ts'
import { ownerField, ownerOf } from '../../lib/owner.ts'
import { workTrace } from '../../observe/work-trace.ts'
import { MAX_MESSAGE_CHARACTERS } from '../../work/text-limits.ts'
import { GENERAL_DOMAIN } from '../../worker/pool-id.ts'
import { type Answerers, answererOf, type ThreadLimits, type ThreadTurn } from '../answerer.ts'
import type { AskRecord, AskWork, ChainEvent, QueuedAsk, ThreadState } from '../protocol/ask-state.ts'
import { askIdOf, traceOfAsk } from '../protocol/ask-state.ts'
import type { AskMessage } from '../protocol/messages.ts'
import { modalityOfAsk } from '../protocol/modality.ts'
import { isThreadOpen, threadNotFound, threadRemoved } from './lifecycle.ts'
import { askPartName, encodeAskPosition, newWorkParts, numberPartName, readWork, threadIndex } from './parts.ts'

type AskRules = { readonly answerers: Answerers; readonly limits: ThreadLimits }

/** Accepts an ask: it begins or is queued. An invalid one is rejected with an error code and leaves no trace. */
export async function acceptAsk(
  state: ThreadState,
  message: AskMessage,
  effects: Effects,
  rules: AskRules,
): Promise<ThreadTurn> {
  let work: AskWork
  try {
    work = checkAsk(state, message, effects, rules)
  } catch (error) {
    return { refuse: problemOf(error), ...(!isThreadOpen(state) && { stop: true as const }) }
  }
  const { correlationId: id, trace } = effects.message
  const ask = { n: state.asks + 1, id, ...traceOfAsk({ trace: workTrace(trace, id) }) }
  const next = { ...firstAsked(state, message, effects), asks: ask.n }
  const number = {
    [numberPartName(askIdOf(effects.self.key, id))]: encodeAskPosition({
      n: ask.n,
      after: effects.events,
      options: message.options,
    }),
  }
  if (!state.current && state.queue.length === 0) {
    const begun = await begin(next, ask, work, effects, rules.answerers)
    return { ...begun, parts: { ...begun.parts, ...number } }
  }
  const busy = await answererOf(rules.answerers, work).interject?.(next, { ask, work }, message, effects)
  if (busy) return { ...busy, parts: { ...busy.parts, ...number } }
  const now = await effects.now()
  const record = newRecord(effects.self.key, ask, work, 'queued')
  return {
    state: { ...next, queue: [...state.queue, ask] },
    parts: { ...number, [askPartName(ask.n)]: record, ...newWorkParts(ask.n, work) },
    events: [{ type: 'ask-queue', at: now } satisfies ChainEvent],
    index: threadIndex(next, 'running', now, state.current),
  }
}

/** Begins the oldest queued ask, if none is running. */
export async function beginNextAsk(state: ThreadState, effects: Effects, answerers: Answerers): Promise<ThreadTurn> {
  const [waiting, ...queue] = state.queue
  if (state.current || !waiting || waiting.id !== effects.message.correlationId) return {}
  const work = await readWork(effects, waiting.n)
  return begin({ ...state, queue }, waiting, work, effects, answerers)
}

function begin(state: ThreadState, ask: QueuedAsk, work: AskWork, effects: Effects, answerers: Answerers) {
  const record = newRecord(effects.self.key, ask, work, 'running')
  return answererOf(answerers, work).begin(state, { ask, work, record }, effects)
}

/** The first ask of a thread that was not opened sets its owner, its start, and whether it serves this ask alone. */
function firstAsked(state: ThreadState, { owner, aside }: AskMessage, { message }: Effects): ThreadState {
  if (isThreadOpen(state)) return state
  return { ...state, ...ownerField(owner), startedAt: message.createdAt, ...(aside && { aside }) }
}

function checkAsk(state: ThreadState, message: AskMessage, effects: Effects, { answerers, limits }: AskRules): AskWork {
  const { prompt, sources, domain = GENERAL_DOMAIN, models = {} } = message
  const { recursion, payer, priority, quick, agent, resultOf, files } = message
  const isOthers = isThreadOpen(state) ? ownerOf(state) !== ownerOf(message) : resultOf !== undefined
  if (isOthers) throw threadNotFound(effects.self.key)
  if (state.removed) throw threadRemoved(effects.self.key)
  if (prompt.trim() === '') throw new InvalidError('The prompt is empty.')
  checkSize('the prompt', prompt.length, agent ? MAX_MESSAGE_CHARACTERS : limits.promptSize)
  checkSize('the list of files', JSON.stringify(sources).length, limits.promptSize)
  // a result is never sent again
  if (state.queue.length >= limits.queue && !resultOf)
    throw new BusyError(`${state.queue.length} asks already wait on this thread.`)
  const needed = answererOf(answerers, message).accept(message)
  const { replyTo = null, createdAt: askedAt } = effects.message
  const asked = {
    prompt,
    askedAt,
    sources,
    modality: modalityOfAsk(prompt, sources),
    domain,
    models,
    replyTo,
  }
  const more = { ...present({ payer, priority, recursion, resultOf, files }), ...(quick && { quick }), ...needed }
  return { ...asked, ...more, ...FRESH_PROGRESS }
}

/** Throws `too_large` when `size` exceeds `most`. */
export function checkSize(what: string, size: number, most: number): void {
  if (size <= most) return
  throw new TerminalError(`${what} has ${size} characters, at most ${most} are allowed.`, { code: 'too_large' })
}

const FRESH_PROGRESS = {
  history: [],
  continuation: '',
  outputs: {},
  degraded: [],
  trace: [],
  usage: { input: 0, output: 0 },
}

/** The record of an ask that has not ended. */
export function newRecord(
  thread: string,
  { id }: QueuedAsk,
  { prompt, askedAt, resultOf, files }: AskWork,
  status: AskRecord['status'],
): AskRecord {
  const nothing = { answer: '', citations: [], invalidCitations: [], degraded: [], trace: [], cycles: 0, model: '' }
  const of = { ...(files && { files }), ...(resultOf && { resultOf }) }
  return { id: askIdOf(thread, id), prompt, status, ...of, ...nothing, usage: { input: 0, output: 0 }, askedAt }
}
