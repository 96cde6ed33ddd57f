import { InvalidError, type Problem, refusal } from '../../errors.ts'
import type { Effects, Turn } from '../../kernel/types.ts'
import { withTreatments } from '../../thread/actor/consent.ts'
import {
  askPartName,
  deadlineTimer,
  decodeAskPosition,
  encodeAskPosition,
  newWorkParts,
  numberPartName,
  readRecord,
  readSources,
  readWork,
  SOURCES_PART,
  threadIndex,
} from '../../thread/actor/parts.ts'
import type { AskAtWork, ThreadTurn } from '../../thread/answerer.ts'
import type { AskWork, ChainEvent, CurrentAsk, ThreadState } from '../../thread/protocol/ask-state.ts'
import { traceOfAsk } from '../../thread/protocol/ask-state.ts'
import type { AskMessage } from '../../thread/protocol/messages.ts'
import { modalityOfAsk } from '../../thread/protocol/modality.ts'
import { PHASES } from '../../thread/protocol/phase-types.ts'
import { GENERAL_DOMAIN } from '../../worker/pool-id.ts'
import { callWork } from '../calls/ask-tools.ts'
import { historyLosses } from '../context/project.ts'
import { checkDomain, type Domains } from '../domains/known.ts'
import { domainOf, withDomain } from '../domains/take.ts'
import { sharingWork } from '../memory/priors.ts'
import { createPhases, servedModalities } from '../phases/registry.ts'
import type { ChainLimits } from '../protocol/limits.ts'
import type { ChainServices } from '../protocol/phase.ts'
import { memoryWork, withLearned, withPinned } from './ask-memory.ts'
import { historyFor } from './history.ts'
import { startPhases } from './phase-end.ts'
import { firstStage } from './transition.ts'

/** The part of the work on an ask that only the phases need. @throws InvalidError for an ask that they do not answer */
export function phaseWork(
  message: AskMessage,
  domains: Domains,
  { calls, sharing = false, phases = createPhases() }: Pick<ChainServices, 'calls' | 'sharing' | 'phases'>,
): Partial<AskWork> {
  const { prompt, sources, modality, domain = GENERAL_DOMAIN, models = {}, recursion, quick, checks } = message
  if (!/^[\w-]{1,64}$/.test(domain))
    throw new InvalidError(`Domain ${JSON.stringify(domain.slice(0, 80))} is not a name.`)
  checkDomain(domain, domains)
  checkPhaseNames(Object.keys(models))
  if (quick && recursion === 'step') throw new InvalidError('A quick ask has one round, so there is nothing to decide.')
  return {
    modality: modalityOfAsk(prompt, sources, modality, servedModalities(phases)),
    ...(checks && { checks }),
    ...memoryWork(message),
    ...callWork(message, calls),
    ...sharingWork(message, sharing),
  }
}

const MODEL_KEYS: readonly string[] = [...PHASES, 'experience', 'default']

function checkPhaseNames(names: readonly string[]): void {
  const unknown = names.find((name) => !MODEL_KEYS.includes(name))
  if (unknown === undefined) return
  throw new InvalidError(`models: unknown phase ${JSON.stringify(unknown)}; expected ${MODEL_KEYS.join(', ')}.`)
}

export async function beginPhases(
  state: ThreadState,
  { ask: { n, id, ...rest }, work: queued, record }: AskAtWork,
  effects: Effects,
  limits: ChainLimits,
  domains: Domains,
  services: ChainServices,
): Promise<ThreadTurn> {
  const asked = await withDomain(queued, effects, domains.own, services)
  const taken = await withLearned(asked, await withPinned(asked, effects, services.memory), effects, services)
  const { history, context } = await historyFor(state, taken.prompt, effects, limits)
  const cut = historyLosses(history).map((reason) => ({ phase: 'action', reason, completed: true }) as const)
  const degraded = [...taken.degraded, ...cut]
  // an ask without files uses the files of the thread's last ask with files
  const sources = queued.sources.length > 0 ? taken.sources : [...(await readSources(effects)), ...taken.sources]
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
  return {
    state: { ...withTreatments(state, context), current },
    parts: {
      [askPartName(n)]: record,
      ...newWorkParts(n, work),
      ...(queued.sources.length > 0 && { [SOURCES_PART]: queued.sources }),
    },
    ...startedAsk(state, current, work, effects, limits),
  }
}

/** The part of a turn in which the phases of an ask begin, for the first time or again. */
function startedAsk(state: ThreadState, current: CurrentAsk, work: AskWork, effects: Effects, limits: ChainLimits) {
  const { since: at } = current
  const { events, send } = startPhases(current, work, effects, limits)
  return {
    events: [{ type: 'ask-start', prompt: work.prompt, ...domainOf(work), at } satisfies ChainEvent, ...events],
    send,
    timers: deadlineTimer(current.n, limits.deadline),
    index: threadIndex(state, 'running', at, current),
  }
}

/** Continues an ask that has failed at the phase that failed. The results of earlier phases are reused. */
export async function resumeFailedAsk(
  state: ThreadState,
  effects: Effects,
  limits: ChainLimits,
): Promise<Turn<ThreadState>> {
  const { correlationId: id } = effects.message
  if (state.current || state.queue.length > 0) return { refuse: THREAD_BUSY }
  const asked = decodeAskPosition((await effects.part(numberPartName(id))) ?? undefined)
  const n = asked?.n
  const record = n === undefined ? undefined : await readRecord(effects, n)
  if (n === undefined || record?.status !== 'failed')
    return { refuse: { ...NOT_FAILED, hint: `To see it: antiphon show ${id}` } }
  const stored = (await readWork(effects, n)) as Partial<AskWork>
  const last = stored.trace?.at(-1)
  if (!last) return { refuse: NOT_STORED }
  const work: AskWork = {
    ...(stored as AskWork),
    replyTo: null,
    trace: stored.trace!.slice(0, -1),
    degraded: stored.degraded!.filter(({ phase }) => phase !== last.phase),
  }
  const now = await effects.now()
  const current: CurrentAsk = {
    n,
    id,
    cycle: last.cycle,
    waiting: [last.phase],
    since: now,
    loops: [],
    due: now + limits.deadline,
    ...traceOfAsk(effects.message),
  }
  const { problem: _, endedAt: __, ...going } = record
  return {
    state: { ...state, current },
    parts: {
      [numberPartName(id)]: encodeAskPosition({ ...asked, n, after: effects.events }),
      [askPartName(n)]: { ...going, status: 'running' },
      ...newWorkParts(n, work),
    },
    ...startedAsk(state, current, work, effects, limits),
    reply: { status: 'running' },
  }
}

const THREAD_BUSY: Problem = {
  code: 'busy',
  name: 'BusyError',
  message: 'the thread answers another question',
  hint: 'Wait until that question has ended.',
}
const NOT_FAILED: Problem = refusal({
  code: 'ask_over',
  message: 'this ask has ended and has not failed, so there is nothing to resume',
})
const NOT_STORED: Problem = refusal({
  code: 'not_recorded',
  message: 'the work of the question is no longer stored',
  hint: 'Ask it again.',
})
