import { busyProblem, type Problem, refusal } from '../../errors.ts'
import type { Json } from '../../kernel/json.ts'
import type { Effects, Send, Turn } from '../../kernel/types.ts'
import { present } from '../../lib/json/present.ts'
import { isCodeMissing } from '../../work/code-wait.ts'
import type { AwaitingCallback, ParkedSignal, StepState } from '../attempt/step-state.ts'
import type { StepTurns } from '../attempt/turns.ts'
import { DEADLINE_REACHED } from '../call/call-time.ts'
import { isSignalTarget } from '../messages/callback.ts'
import { contentOf, receiptOf, type Signal } from '../messages/signal.ts'
import { NEEDS_APPROVE } from './answered.ts'
import { resume } from './await-callback.ts'
import { timeoutAfter } from './deadline.ts'
import { expectSignal, indexOf, lacksCode, sizeOf } from './send-request.ts'

/**
 * A step parks signals while its code is not here. It judges them in their order when the message `code` comes, and
 * takes the first that fits. One that does not fit stays for a person, and is judged again by other code.
 */

/** How many signals a step parks. */
const MAX_PARKED = 16
const MAX_PROBLEM = 300

export const parkedPart = (n: number) => `parked/${n}`

/** Takes a signal, refuses it, or parks it until its code is here. */
export async function takeSignal(
  turns: StepTurns,
  waiting: AwaitingCallback,
  effects: Effects,
): Promise<Turn<StepState>> {
  const { message } = effects
  const body = message.body as Signal
  if (waiting.isOver) return { refuse: TIME_IS_OVER }
  const arrived = { ...body, at: body.at ?? message.createdAt }
  // those before it come first
  if (lacksCode(waiting)) return park(waiting, arrived)
  const turn = await resume(turns, waiting, { value: body.value ?? null }, effects, body)
  if (!turn.refuse) return { ...withoutParked(turn, waiting), reply: receiptOf('taken', body) }
  const waits = awaitingIn(turn)
  // its step has failed
  if (!waits) return turn
  if (isCodeMissing(turn.refuse)) return park(waiting, arrived)
  // nobody hears the refusal of a signal that the run has kept
  const isUnheard = !message.replyTo && turn.refuse.code !== NEEDS_APPROVE.code
  return isUnheard ? park(waiting, arrived, turn.refuse) : refuse(waits, body, turn.refuse)
}

const awaitingIn = ({ state }: Turn<StepState>) => (state as StepState | undefined)?.awaiting

function park(waiting: AwaitingCallback, arrived: Signal & { readonly at: number }, problem?: Problem) {
  const { parked = [] } = waiting
  const { type: _, room, ...signal } = arrived
  const { id, at, value } = signal
  const of = contentOf(signal)
  const size = JSON.stringify(value).length
  const isKnown = parked.some((one) => one.of === of)
  const isFull =
    parked.length >= MAX_PARKED || (room && (parked.length >= room.count || sizeOf(parked) + size > room.size))
  if (isFull && !isKnown) return refuse(waiting, signal, PARKS_TOO_MANY)
  const n = (parked.at(-1)?.n ?? -1) + 1
  const added: ParkedSignal = { n, of, size, at, ...(problem && { problem: shortProblem(problem) }) }
  const next: AwaitingCallback = isKnown ? waiting : { ...waiting, parked: [...parked, added] }
  const facts = {
    after: { isParked: true, ...present({ id }) },
    ...(lacksCode(next) && !lacksCode(waiting) && { lacksCode: true as const }),
  }
  return {
    state: { awaiting: next },
    index: indexOf(next),
    ...(!isKnown && { parts: { [parkedPart(n)]: signal as unknown as Json } }),
    reply: receiptOf('kept', signal),
    send: expected(next, facts),
  } satisfies Turn<StepState>
}

/** The step waits on. The run forgets the id of a signal that was refused. */
const refuse = (waiting: AwaitingCallback, { id }: Pick<Signal, 'id'>, problem: Problem): Turn<StepState> => ({
  state: { awaiting: waiting },
  refuse: problem,
  send: expected(waiting, { after: { isParked: false, ...present({ id }) } }),
})

function expected(waiting: AwaitingCallback, facts: Parameters<typeof expectSignal>[3] = {}): Send[] {
  const { to, body } = waiting.question
  return isSignalTarget(to) ? [expectSignal(waiting, to.signal, body, facts)] : []
}

/** Judges the parked signal behind a number, and then the next in a turn of its own. */
export async function judgeParked(
  turns: StepTurns,
  waiting: AwaitingCallback,
  { after = -1 }: { readonly after?: number },
  effects: Effects,
): Promise<Turn<StepState>> {
  const { parked = [], isOver } = waiting
  const next = parked.find(({ n }) => n > after)
  if (!next) {
    if (isOver && !lacksCode(waiting)) return withoutParked(await expire(turns, waiting, effects), waiting)
    // the run may have kept others for it
    return parked.length > 0 ? { send: expected(waiting) } : {}
  }
  const signal = (await effects.part(parkedPart(next.n))) as unknown as Omit<Signal, 'type'>
  const turn = await resume(turns, waiting, { value: signal.value }, effects, signal)
  const { refuse: problem, ...taken } = turn
  if (!problem || !awaitingIn(turn)) return giveBack(withoutParked(taken, waiting), waiting, next.n, effects)
  if (isCodeMissing(problem)) return {}
  const judged = { ...next, problem: shortProblem(problem) }
  const awaiting = { ...waiting, parked: parked.map((one) => (one === next ? judged : one)) }
  const body = { type: 'code', after: next.n }
  return { state: { awaiting }, send: [{ to: effects.self, body, type: 'event', correlationId: waiting.work }] }
}

/**
 * Signals behind a number that the step has not judged go back to the run: a later wait of that name takes them. An
 * answer to the step alone is for nobody else.
 */
export async function giveBack(
  turn: Turn<StepState>,
  { parked = [], step, run, work, question: { to } }: AwaitingCallback,
  after: number,
  { part }: Effects,
): Promise<Turn<StepState>> {
  if (!isSignalTarget(to) || to.signal === step) return turn
  const left = parked.filter(({ n, problem }) => n > after && problem === undefined)
  const signals = await Promise.all(left.map(({ n }) => part(parkedPart(n)) as Promise<unknown>))
  // the run has remembered the id
  const send = signals.map((signal): Send => {
    const { id: _, ...body } = signal as Omit<Signal, 'type'>
    return { to: run, body: { type: 'signal', ...body }, correlationId: work }
  })
  return { ...turn, send: [...(turn.send ?? []), ...send] }
}

/** The time of a step is over. A signal that came before, and that no code has judged, still counts. */
export async function expireUnlessParked(
  turns: StepTurns,
  waiting: AwaitingCallback,
  effects: Effects,
): Promise<Turn<StepState>> {
  if (lacksCode(waiting)) return { state: { awaiting: { ...waiting, isOver: true } } }
  return withoutParked(await expire(turns, waiting, effects), waiting)
}

/** The step has an answer, and needs the others no more. */
function withoutParked(turn: Turn<StepState>, { parked }: AwaitingCallback): Turn<StepState> {
  if (!parked || turn.stop) return turn
  return { ...turn, parts: { ...turn.parts, ...Object.fromEntries(parked.map(({ n }) => [parkedPart(n), null])) } }
}

const shortProblem = ({ message }: Problem) => message.slice(0, MAX_PROBLEM)

const TIME_IS_OVER: Problem = refusal({ code: 'not_waiting', message: 'the time of the wait is over' })

const PARKS_TOO_MANY = busyProblem(
  `the code that judges the signal is not here, and its step or run holds as many signals as it may: ${MAX_PARKED} or 100`,
)

/**
 * Ends the wait for an answer that did not come in time. A child run at the deadline of its goal gets the same time
 * again while it waits for a person, since that time does not count.
 */
async function expire(turns: StepTurns, waiting: AwaitingCallback, effects: Effects): Promise<Turn<StepState>> {
  const { question, deadline = Number.POSITIVE_INFINITY, run: _, ...rest } = waiting
  const { to, limit = Number.POSITIVE_INFINITY } = question
  if (deadline > limit || rest.later !== undefined || 'signal' in to)
    return resume(turns, waiting, { problem: ANSWER_TIMEOUT }, effects)
  const isHeld = await effects.run('held', async () => (await turns.services.isHeld?.(to.key)) ?? false, {
    effect: 'pure',
  })
  return isHeld ? { timers: timeoutAfter(deadline) } : resume(turns, waiting, { problem: DEADLINE_REACHED }, effects)
}

const ANSWER_TIMEOUT: Problem = {
  code: 'timeout',
  name: 'TimeoutError',
  message: 'the answer took longer than the timeout of the step',
}
