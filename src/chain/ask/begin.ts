import { BusyError, InvalidError, problemOf, TerminalError } from '../../errors.ts'
import type { Effects, Turn } from '../../kernel/types.ts'
import { present } from '../../lib/json/present.ts'
import { ownerField, ownerOf } from '../../lib/owner.ts'
import { workTrace } from '../../observe/traceparent.ts'
import type { WorkFor } from '../../tool/agents/call-for.ts'
import { MAX_MESSAGE_CHARACTERS, MAX_TELL_CHARACTERS } from '../../work/text-limits.ts'
import { GENERAL_DOMAIN } from '../../worker/pool-id.ts'
import { callWork } from '../calls/ask-tools.ts'
import { historyLosses } from '../context/project.ts'
import { checkDomain, type Domains } from '../domains/known.ts'
import { type DomainChooser, domainOf, withDomain } from '../domains/take.ts'
import { sharingWork } from '../memory/priors.ts'
import {
  type AskRecord,
  type AskWork,
  type ChainEvent,
  type ChainState,
  type QueuedAsk,
  traceOfAsk,
} from '../protocol/ask-state.ts'
import type { CallServices } from '../protocol/calls.ts'
import type { ChainLimits } from '../protocol/limits.ts'
import { askIdOf } from '../protocol/message-id.ts'
import type { AskMessage } from '../protocol/messages.ts'
import { modalityOfAsk } from '../protocol/modality.ts'
import type { ChainServices, MemoryOfOwner } from '../protocol/phase.ts'
import { PHASES, type SourceRef } from '../protocol/phase-types.ts'
import { memoryWork, withLearned, withPinned } from './ask-memory.ts'
import { withTreatments } from './consent.ts'
import { beginGoalAsk, cancelGoal, joinCurrent, type Moment } from './goal/goal-ask.ts'
import { historyFor } from './history.ts'
import { threadIndex } from './index-fields.ts'
import { isThreadOpen, threadNotFound, threadRemoved } from './lifecycle.ts'
import {
  askPartName,
  encodeAskPosition,
  newWorkParts,
  numberPartName,
  readSources,
  readWork,
  SOURCES_PART,
} from './parts.ts'
import { startPhases } from './phase-end.ts'
import { deadlineTimer } from './timers.ts'
import { firstStage } from './transition.ts'

type ChainTurn = Turn<ChainState>
type AskRules = {
  readonly limits: ChainLimits
  readonly domains: Domains
  readonly chooser: DomainChooser & ChainServices
  readonly memory: MemoryOfOwner | undefined
  readonly calls: CallServices | undefined
  readonly sharing: boolean
}

/**
 * Accepts an ask: it begins, or is queued behind the current one. An
 * invalid ask is rejected with an error code and leaves no trace.
 */
export async function acceptAsk(
  state: ChainState,
  message: AskMessage,
  effects: Effects,
  rules: AskRules,
): Promise<ChainTurn> {
  let work: AskWork
  try {
    work = checkAsk(state, message, effects, rules)
  } catch (error) {
    return { refuse: problemOf(error), ...(!isThreadOpen(state) && { stop: true as const }) }
  }
  const { correlationId: id, trace } = effects.message
  const waiting = { n: state.asks + 1, id, ...traceOfAsk({ trace: workTrace(trace, id) }) }
  const next = { ...firstAsked(state, message, effects), asks: waiting.n }
  const number = {
    [numberPartName(askIdOf(effects.self.key, id))]: encodeAskPosition({
      n: waiting.n,
      after: effects.events,
      options: message.options,
    }),
  }
  if (!state.current && state.queue.length === 0) {
    const begun = await begin(next, waiting, work, effects, rules)
    return { ...begun, parts: { ...begun.parts, ...number } }
  }
  const now = await effects.now()
  // tools act for the context of the message that they answer
  if (work.agent && state.current?.goal && (await hasSameContext(work, state.current, effects))) {
    const busy = besideGoal({ ...next, current: state.current }, waiting, work, message, { now, effects })
    if (busy) return { ...busy, parts: { ...busy.parts, ...number } }
  }
  const record = newRecord(effects.self.key, waiting, work, 'queued')
  return {
    state: { ...next, queue: [...state.queue, waiting] },
    parts: { ...number, [askPartName(waiting.n)]: record, ...newWorkParts(waiting.n, work) },
    events: [{ type: 'ask-queue', at: now } satisfies ChainEvent],
    index: threadIndex(next, 'running', now, state.current),
  }
}

/**
 * A message while an agent answers an earlier one: it joins that
 * answer, or replaces it. Undefined: it waits for its turn.
 */
function besideGoal(
  state: ChainState,
  ask: QueuedAsk,
  work: AskWork,
  { onBusy = 'steer' }: AskMessage,
  moment: Moment,
): ChainTurn | undefined {
  const { now } = moment
  const { current, queue } = state
  const { goal } = current!
  if (!goal || goal.end || goal.interrupted) return undefined
  if (onBusy === 'steer' && queue.length === 0 && work.prompt.length <= MAX_TELL_CHARACTERS)
    return joinCurrent(state, { ...current!, goal }, ask, {
      work,
      record: newRecord(moment.effects.self.key, ask, work, 'joined'),
      ...moment,
    })
  if (onBusy !== 'interrupt') return undefined
  const interrupted = { ...current!, goal: { ...goal, interrupted: true as const } }
  return {
    state: { ...state, current: interrupted, queue: [ask, ...queue] },
    parts: {
      [askPartName(ask.n)]: newRecord(moment.effects.self.key, ask, work, 'queued'),
      ...newWorkParts(ask.n, work),
    },
    events: [{ type: 'ask-queue', at: now } satisfies ChainEvent],
    cancel: [cancelGoal(goal.key, 'a newer message interrupts it')],
    index: threadIndex(state, 'running', now, interrupted),
  }
}

async function hasSameContext({ agent }: AskWork, current: QueuedAsk, effects: Effects): Promise<boolean> {
  const { agent: other } = await readWork(effects, current.n)
  return contextOf(agent) === contextOf(other)
}

const contextOf = (agent: AskWork['agent']) => (agent?.start.workFor as WorkFor | undefined)?.context

/** Begins the oldest queued ask, if none is running. */
export async function beginNextAsk(state: ChainState, effects: Effects, rules: AskRules): Promise<ChainTurn> {
  const [waiting, ...queue] = state.queue
  if (state.current || !waiting || waiting.id !== effects.message.correlationId) return {}
  const work = await readWork(effects, waiting.n)
  return begin({ ...state, queue }, waiting, work, effects, rules)
}

// accepting an ask

/**
 * The first ask of a thread that was not opened before sets its owner, its start, and whether it serves this ask alone.
 */
function firstAsked(state: ChainState, { owner, aside }: AskMessage, { message }: Effects): ChainState {
  if (isThreadOpen(state)) return state
  return { ...state, ...ownerField(owner), startedAt: message.createdAt, ...(aside && { aside }) }
}

function checkAsk(state: ChainState, message: AskMessage, effects: Effects, rules: AskRules): AskWork {
  const { limits, domains, calls, sharing } = rules
  const { prompt, sources, modality, domain = GENERAL_DOMAIN, models = {} } = message
  const { recursion, payer, priority, quick, checks, agent } = message
  if (isThreadOpen(state) && ownerOf(state) !== ownerOf(message)) throw threadNotFound(effects.self.key)
  if (state.removed) throw threadRemoved(effects.self.key)
  if (prompt.trim() === '') throw new InvalidError('the prompt is empty')
  checkSize('the prompt', prompt.length, agent ? MAX_MESSAGE_CHARACTERS : limits.promptSize)
  checkSize('the list of files', JSON.stringify(sources).length, limits.promptSize)
  if (state.queue.length >= limits.queue) throw new BusyError(`${state.queue.length} asks already wait on this thread`)
  if (!/^[\w-]{1,64}$/.test(domain))
    throw new InvalidError(`domain ${JSON.stringify(domain.slice(0, 80))} is not a name`)
  checkDomain(domain, domains)
  checkPhaseNames(Object.keys(models))
  if (quick && recursion === 'step') throw new InvalidError('a quick ask has one round, so there is nothing to decide')
  const { replyTo = null, createdAt: askedAt } = effects.message
  const asked = {
    prompt,
    askedAt,
    sources,
    modality: modalityOfAsk(prompt, sources, modality),
    domain,
    models,
    replyTo,
  }
  const more = {
    ...present({ payer, priority, recursion }),
    ...(quick && { quick }),
    ...(checks && !agent && { checks }),
    ...(agent && { agent }),
    ...memoryWork(message),
    ...callWork(message, calls),
    ...sharingWork(message, sharing),
  }
  return { ...asked, ...more, ...FRESH_PROGRESS }
}

/** Throws `too_large` when `size` exceeds `most`. */
export function checkSize(what: string, size: number, most: number): void {
  if (size <= most) return
  throw new TerminalError(`${what} has ${size} characters, at most ${most} are allowed`, { code: 'too_large' })
}

const FRESH_PROGRESS = {
  history: [],
  continuation: '',
  outputs: {},
  degraded: [],
  trace: [],
  usage: { input: 0, output: 0 },
}

const MODEL_KEYS: readonly string[] = [...PHASES, 'experience', 'default']

function checkPhaseNames(names: readonly string[]): void {
  const unknown = names.find((name) => !MODEL_KEYS.includes(name))
  if (unknown === undefined) return
  throw new InvalidError(`models: unknown phase ${JSON.stringify(unknown)}; expected ${MODEL_KEYS.join(', ')}`)
}

// beginning an ask

async function begin(
  state: ChainState,
  { n, id, ...rest }: QueuedAsk,
  queued: AskWork,
  effects: Effects,
  { limits, memory, domains, chooser }: AskRules,
): Promise<ChainTurn> {
  if (queued.agent) {
    const record = newRecord(effects.self.key, { n, id }, queued, 'running')
    const work = { ...queued, agent: queued.agent }
    return beginGoalAsk(state, { n, id, ...traceOfAsk(rest) }, work, record, { now: await effects.now(), effects })
  }
  const asked = await withDomain(queued, effects, domains.own, chooser)
  const taken = await withLearned(asked, await withPinned(asked, effects, memory), effects, chooser)
  const { history, context } = await historyFor(state, taken.prompt, effects, limits)
  const cut = historyLosses(history).map((reason) => ({ phase: 'action', reason, completed: true }) as const)
  const degraded = [...taken.degraded, ...cut]
  const sources = await sourcesFor(queued, taken, effects)
  // a follow-up without files has the modality of the files that it uses
  const modality = taken.modality === 'text' ? modalityOfAsk(taken.prompt, sources) : taken.modality
  const work = { ...taken, modality, degraded, history, sources }
  const now = await effects.now()
  const current = {
    n,
    id,
    ...traceOfAsk(rest),
    cycle: 1,
    waiting: firstStage(work),
    since: now,
    loops: [],
    due: now + limits.deadline,
  }
  const started = startPhases(current, work, effects, limits)
  return {
    state: { ...withTreatments(state, context), current },
    parts: {
      [askPartName(n)]: newRecord(effects.self.key, { n, id }, work, 'running'),
      ...newWorkParts(n, work),
      ...(queued.sources.length > 0 && { [SOURCES_PART]: queued.sources }),
    },
    events: [
      { type: 'ask-start', prompt: work.prompt, ...domainOf(work), at: now } satisfies ChainEvent,
      ...started.events,
    ],
    send: started.send,
    timers: deadlineTimer(n, limits.deadline),
    index: threadIndex(state, 'running', now, current),
  }
}

/** An ask without files uses the files of the thread's last ask with files. */
async function sourcesFor(asked: AskWork, { sources }: AskWork, effects: Effects): Promise<readonly SourceRef[]> {
  return asked.sources.length > 0 ? sources : [...(await readSources(effects)), ...sources]
}

function newRecord(
  thread: string,
  { id }: QueuedAsk,
  { prompt, askedAt }: AskWork,
  status: AskRecord['status'],
): AskRecord {
  const nothing = { answer: '', citations: [], invalidCitations: [], degraded: [], trace: [], cycles: 0, model: '' }
  return { id: askIdOf(thread, id), prompt, status, ...nothing, usage: { input: 0, output: 0 }, askedAt }
}
