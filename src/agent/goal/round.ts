/** A round: the model answers, the calls of its answer end, and the goal does what follows. */

import { problemOf } from '../../errors.ts'
import { isInterruption } from '../../kernel/faults.ts'
import type { Json } from '../../kernel/json.ts'
import type { Effects, Turn } from '../../kernel/types.ts'
import { runOfRound } from '../../run/ids.ts'
import { MEMORY_PART } from '../memory/recall.ts'
import type { GoalEvent } from '../protocol/goal-event.ts'
import { readStart } from '../protocol/messages.ts'
import { messageOf, withFiles } from '../protocol/replies.ts'
import { type Round, roundPart } from '../protocol/rounds.ts'
import type { Calling, GoalState, Thinking, Waiting } from '../protocol/state.ts'
import { openIn } from './calls/call-outcomes.ts'
import { countMade, readEndedCalls, roundEnd, startRun } from './calls/start-run.ts'
import { nextThink } from './control.ts'
import { decideNext, type Next } from './decide-next.ts'
import { endGoal } from './end.ts'
import { handOver } from './hand-off.ts'
import { afterCalls } from './loop-guard.ts'
import type { AgentServices } from './services.ts'
import { takeCode } from './think/await-code.ts'
import { afterFailure, afterReply } from './think/await-model.ts'
import { think } from './think/think.ts'
import { messageTime, settled, tellAbove, waitNote, waitTurn } from './turns.ts'

/** Asks the model, and starts what follows from its answer. A goal that waited for its provider still has its wait. */
export async function beginRound(
  services: AgentServices,
  state: Thinking | Waiting,
  effects: Effects,
): Promise<Turn<GoalState>> {
  const at = messageTime(effects.message)
  try {
    const taken = await takeCode(services, state, effects)
    if (taken) return taken
    const thought = await think(services, state, effects)
    const round = state.rounds + 1
    const { told: _, wait: __, unread = [], files: ofMessage = [], ...rest } = state
    const of = messageOf(state)
    const { files: made = [] } = thought
    // the reply to an earlier message has those that were made before
    const files = of.message === state.message ? withFiles(ofMessage, made) : made
    const about = { ...of, ...(made.length > 0 && { files: made }) }
    const thinking: Thinking = {
      ...afterReply(rest, thought),
      rounds: round,
      tokens: state.tokens + thought.tokens,
      cost: state.cost + thought.cost,
      ...of,
      ...(files.length > 0 && { files }),
      ...(thought.estimated && { estimated: true }),
    }
    // calls that need no run have their results already
    const needsRun = thought.calls.some(({ step }) => step !== undefined)
    const { state: after, loop } = needsRun ? { state: thinking, loop: undefined } : afterCalls(thinking, thought.calls)
    const part: Round = {
      at,
      ...(thought.model !== undefined && { model: thought.model }),
      tokens: thought.tokens,
      cost: thought.cost,
      said: thought.said,
      calls: thought.calls,
      ...about,
      ...(state.told.length > 0 && { told: state.told }),
      ...(thought.reduced && { reduced: thought.reduced }),
      ...(thought.readings && { readings: thought.readings }),
      ...(thought.given && { given: thought.given }),
      ...(thought.again && { again: thought.again }),
    }
    const calls = thought.calls.map(({ tool, step }) => ({ tool, ...(step !== undefined && { step }) }))
    const next = decideNext(after, { type: 'thought', ...thought, ...(loop && { loop }) }, at)
    const turn = await applyNext(services, after, next, effects, part)
    return {
      ...turn,
      parts: {
        [roundPart(round)]: part as Json,
        ...(state.rounds === 0 && thought.memory !== undefined && { [MEMORY_PART]: thought.memory }),
        ...turn.parts,
      },
      events: [
        { type: 'round', round, text: thought.text, ...about, calls } satisfies GoalEvent,
        ...(turn.events ?? []),
      ],
    }
  } catch (error) {
    if (isInterruption(error)) throw error
    return afterFailure(services, state, problemOf(error), at, effects)
  }
}

/** The run of the round has ended, or rests: records the results, and goes on. */
export async function endRound(
  services: AgentServices,
  state: Calling,
  effects: Effects,
  early?: 'early',
): Promise<Turn<GoalState>> {
  const { rounds } = state
  const start = await readStart(effects)
  const { onUnknown } = await services.readDefinition(start.definition)
  const round = (await effects.part(roundPart(rounds))) as Round
  const { calls, waited } = await readEndedCalls(services, state, round, effects, { early })
  const { run, ...rest } = state
  const open = openIn(run, rounds, calls)
  // its end is on the way
  if (early && !open) return {}
  const thinking: Thinking = {
    ...rest,
    ...(open && { open: [...(rest.open ?? []), open] }),
    status: 'thinking',
    calls: state.calls + countMade(calls),
    // a person who takes long to approve does not use up the time of the goal
    limits: { ...state.limits, until: state.limits.until + waited },
  }
  const { state: after, loop } = afterCalls(thinking, calls)
  const next = decideNext(after, { type: 'acted', calls, loop, onUnknown }, messageTime(effects.message))
  const turn = await applyNext(services, after, next, effects)
  return {
    ...turn,
    parts: { [roundPart(rounds)]: { ...round, calls } as Json, ...turn.parts },
    events: [roundEnd(rounds, calls), ...(turn.events ?? [])],
  }
}

/** Carries out a decision. */
export async function applyNext(
  services: AgentServices,
  state: Thinking,
  next: Next,
  effects: Effects,
  round?: Round,
): Promise<Turn<GoalState>> {
  switch (next.type) {
    case 'think':
      return { ...settled(state), send: [nextThink(state, effects.self)] }
    case 'act':
      return act(services, state, round!, effects)
    case 'pause': {
      const { pauseRequested: _, ...rest } = state
      const send = tellAbove(rest, waitNote(effects, 'The goal is paused.'))
      return { ...settled({ ...rest, status: 'paused' }), events: [{ type: 'goal-pause' } satisfies GoalEvent], send }
    }
    case 'wait':
      return waitTurn({ ...state, status: 'waiting', wait: next.wait }, effects)
    case 'hand-off':
      return handOver(state, next.to, effects, round)
    case 'complete':
    case 'fail':
      return endGoal(state, next, effects, round)
  }
}

async function act(services: AgentServices, state: Thinking, round: Round, effects: Effects): Promise<Turn<GoalState>> {
  const start = await readStart(effects)
  const definition = await services.readDefinition(start.definition)
  const run = runOfRound(effects.self.key, state.rounds)
  const acting: Calling = { ...state, status: 'acting', run }
  return { ...settled(acting), send: [startRun(run, round.calls, start, { state, definition, services, effects })] }
}
