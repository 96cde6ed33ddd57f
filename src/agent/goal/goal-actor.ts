/**
 * The actor of a goal: it thinks, acts, waits and ends. `decide-next.ts` holds the decision that follows each event,
 * without effects; the other files carry it out.
 */

import { isFromBudget, RETRY_TIMER } from '../../budget/waiting.ts'
import { KIND } from '../../house/actors.ts'
import { retryUpTo } from '../../kernel/attempt/supervise.ts'
import { defineActor } from '../../kernel/turn.ts'
import type { Actor, Effects, Notice, Turn } from '../../kernel/types.ts'
import { recordGoal, remember } from '../memory/remember.ts'
import { findStart, type GoalMessage, goalMessage } from '../protocol/messages.ts'
import type { GoalState, Thinking, Waiting } from '../protocol/state.ts'
import { isDone, isOver, NEW_GOAL, readGoalState } from '../protocol/state.ts'
import { beginGoal } from './begin.ts'
import { dropOpen, isForOpen, openOf, recordResults } from './calls/open-calls.ts'
import { noteFinding, recordLate } from './calls/record-late.ts'
import { nextThink, pauseGoal, rateGoal, resumeGoal, tellGoal, unlessOffline } from './control.ts'
import { decideNext } from './decide-next.ts'
import { cancelGoal, continueUndo, endGoal } from './end.ts'
import { choose, endPlaybook } from './follow-playbook.ts'
import { cancelBelow, endHandOff, isFromBelow } from './hand-off.ts'
import { applyNext, beginRound, endRound } from './round.ts'
import type { AgentServices } from './services.ts'
import { adoptCode, lookForCode } from './think/await-code.ts'
import { unlessSame, withTimeOf } from './think/await-model.ts'
import { messageTime, needTurn, settled } from './turns.ts'
import { beginLater, leaveKey, lookAtHealth } from './wait-to-begin.ts'

/** `agent/<goal>`: works towards a goal in rounds. A round is a model's answer and the run that makes its calls. */
export function goalActor(services: AgentServices): Actor<GoalState, GoalMessage> {
  return defineActor<GoalState, GoalMessage>({
    kind: KIND.goal,
    message: goalMessage,
    initial: () => NEW_GOAL,
    supervise: retryUpTo(4),
    // each turn begins with it, so `state` is a union by status from here on
    check: readGoalState,
    async receive(state, message, effects) {
      return remember(state, await handleMessage(services, state, message, effects), effects)
    },
    async notice(state, notice, effects) {
      return remember(state, await handleNotice(services, state, notice, effects), effects)
    },
  })
}

function handleMessage(
  services: AgentServices,
  state: GoalState,
  message: GoalMessage,
  effects: Effects,
): Turn<GoalState> | Promise<Turn<GoalState>> {
  switch (message.type) {
    case 'start':
      return beginGoal(services, state, message, effects)
    case 'start-now':
      return state.status === 'waiting' ? beginLater(services, state, effects) : {}
    case 'choose':
      return isDue(state, 1) ? chooseOrThink(services, state, effects) : {}
    case 'think':
      return isDue(state, message.round) ? beginRound(services, state, effects) : {}
    case 'run-end':
      if (state.status === 'acting' && effects.message.from?.key === state.run)
        return state.playbook === undefined
          ? endRound(services, state, effects)
          : endPlaybook(services, state, message.status, effects)
      return takeLateEnd(services, state, effects)
    case 'run-progress':
      return takeProgress(services, state, effects)
    case 'undo-end':
      return state.status === 'undoing' && isFromRun(state.run, effects) ? continueUndo(state, message, effects) : {}
    case 'goal-end':
      return endHandOff(state, message, effects)
    case 'child-await':
    case 'goal-wait':
      return isOver(state) ? {} : needTurn(state, message)
    case 'tell':
      return unlessOffline(services, tellGoal(state, message, effects), effects)
    case 'pause':
      return pauseGoal(state, effects)
    case 'resume':
      if (isOver(state)) return noteFinding(services, state, message, effects)
      return message.text === undefined
        ? resumeGoal(state, message, effects)
        : unlessOffline(services, resumeGoal(state, message, effects), effects)
    case 'adopt':
      return adoptCode(services, state, message, effects)
    case 'rate':
      return rateGoal(state, message.rating)
    case 'look':
      return { reply: true, ...(state.status === 'new' && { stop: true }) }
    case 'record':
      return recordGoal(services.memory, state, effects)
    case 'expire':
      return mayExpire(state) ? { reply: true, stop: true } : { reply: false }
    case 'retry':
    case undefined:
      return continueAfterWait(services, state, effects)
  }
}

async function chooseOrThink(services: AgentServices, state: Thinking, effects: Effects): Promise<Turn<GoalState>> {
  return (await choose(services, state, effects)) ?? beginRound(services, state, effects)
}

/** Only the newest message asks for a round: a pause and a resume leave an old one behind. */
const isDue = (state: GoalState, round: number): state is Thinking =>
  state.status === 'thinking' && round === state.rounds + 1

/** A goal stays as long as the result of one of its calls may come. */
const mayExpire = (state: GoalState) => state.status === 'new' || (isOver(state) && state.open === undefined)

/** Whether a message comes from the run whose steps are being undone. */
const isFromRun = (run: string, { message: { from } }: Effects) => from?.kind === KIND.run && from.key === run

/**
 * A step of a watched run has ended, or waits. If nothing in the run of the round goes on by itself, the round ends,
 * and the model reads the message that has come meanwhile.
 */
async function takeProgress(services: AgentServices, state: GoalState, effects: Effects): Promise<Turn<GoalState>> {
  const { from } = effects.message
  const of = openOf(state, from)
  if (of) return recordResults(services, state, { of, isOver: false }, effects)
  if (state.status !== 'acting' || state.playbook !== undefined || state.unread === undefined) return {}
  // without a run, it is the timer
  if (from?.kind === KIND.run && from.key !== state.run) return {}
  const rests = await effects.run('rests', () => services.isResting(state.run), { effect: 'pure' })
  return rests ? endRound(services, state, effects, 'early') : lookAgain(state, effects)
}

/** A look may come too early, where the state of another node lags. The older a goal is, the rarer it looks. */
function lookAgain({ startedAt }: GoalState, { message }: Effects): Turn<GoalState> {
  const delay = Math.min(60_000, Math.max(1_000, (messageTime(message) - startedAt) / 4))
  return { timers: { rest: { delay, body: { type: 'run-progress' } } } }
}

/** The run of a round that has ended before it, or of a goal that was stopped. */
function takeLateEnd(
  services: AgentServices,
  state: GoalState,
  effects: Effects,
): Turn<GoalState> | Promise<Turn<GoalState>> {
  const of = openOf(state, effects.message.from)
  if (of) return recordResults(services, state, { of, isOver: true }, effects)
  return isOver(state) ? recordLate(services, state, effects) : {}
}

/** The budget has money again, or has no room for another waiter yet: the round is tried again. */
function continueAfterWait(
  services: AgentServices,
  state: GoalState,
  effects: Effects,
): Turn<GoalState> | Promise<Turn<GoalState>> {
  if (state.status !== 'waiting') return {}
  if (state.wait.type === 'health') return lookAtHealth(services, state, effects)
  if (state.wait.type === 'code') return lookForCode(services, state, effects)
  if (state.wait.type === 'provider') return askAgain(services, state, effects)
  if (state.wait.type === 'model' && state.wait.settings) return tryOtherSettings(services, state, effects)
  if (state.wait.type !== 'money') return {}
  const { wait: _, ...rest } = state
  return { ...settled({ ...rest, status: 'thinking' }), send: [nextThink(state, effects.self)] }
}

/** A process has begun, and its settings may be others. */
async function tryOtherSettings(services: AgentServices, state: Waiting, effects: Effects): Promise<Turn<GoalState>> {
  const at = messageTime(effects.message)
  return unlessSame(state, await beginRound(services, withTimeOf(state, at), effects))
}

/** Its provider may answer now. The wait counts towards the limits of the goal. */
function askAgain(
  services: AgentServices,
  state: Waiting,
  effects: Effects,
): Turn<GoalState> | Promise<Turn<GoalState>> {
  const next = decideNext(state, { type: 'ready' }, messageTime(effects.message))
  if (next.type === 'think') return beginRound(services, state, effects)
  const { wait: _, ...rest } = state
  return applyNext(services, { ...rest, status: 'thinking' }, next, effects)
}

/** A goal that is removed frees its slot. */
async function leaveNow(state: GoalState, effects: Effects): Promise<Turn<GoalState>> {
  return { send: leaveKey(state, await findStart(effects), effects.self) }
}

const isFromSelf = ({ from }: Extract<Notice, { type: 'error' }>, { self }: Effects) =>
  from?.kind === self.kind && from.key === self.key

function handleNotice(
  services: AgentServices,
  state: GoalState,
  notice: Notice,
  effects: Effects,
): Turn<GoalState> | Promise<Turn<GoalState>> {
  if (notice.type === 'cancelled' && isForOpen(effects)) return dropOpen(state, notice.reason)
  if (notice.type === 'cancelled' && state.status === 'handed_off') return cancelBelow(state, notice.reason)
  if (notice.type === 'cancelled') return isDone(state) ? {} : cancelGoal(services, state, notice.reason, effects)
  if (notice.type === 'stop') return isOver(state) ? {} : leaveNow(state, effects)
  if (notice.type !== 'error') return {}
  if (isFromBudget(notice.from)) return RETRY_TIMER
  const of = openOf(state, notice.from)
  if (of) return recordResults(services, state, { of, isOver: true }, effects)
  if (isOver(state)) return recordLate(services, state, effects)
  if (state.status === 'undoing' && notice.from?.key === state.run)
    return continueUndo(state, { undone: 0, failed: 1 }, effects)
  // a run or a goal that could not even begin, or a message to itself that became a dead letter
  const isOfRun = state.status === 'acting' && notice.from?.key === state.run
  // a person has cancelled the calls, not the goal: the model learns it
  if (isOfRun && state.playbook === undefined && notice.problem.code === 'cancelled')
    return endRound(services, state, effects)
  const isFatal = isOfRun || isFromSelf(notice, effects) || isFromBelow(state, notice.from)
  return isFatal && !isDone(state) ? endGoal(state, { type: 'fail', problem: notice.problem }, effects) : {}
}
