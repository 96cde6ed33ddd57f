import { is, type Problem, problemOf } from '../../errors.ts'
import { goalRef, KIND } from '../../house/actors.ts'
import type { Json, JsonObject } from '../../kernel/json.ts'
import type { ActorRef, Effects, Turn } from '../../kernel/types.ts'
import { present } from '../../lib/json/present.ts'
import { filesOfNote, textOfNote } from '../../lib/media/file-ref.ts'
import { type GoalReply, pathTo } from '../../work/origin/goal-origin.ts'
import { MAX_GOAL_CHARACTERS } from '../../work/text-limits.ts'
import { spokenRound, spokenRounds } from '../context/history.ts'
import type { GoalEvent } from '../protocol/goal-event.ts'
import { conversationAbove, readStart } from '../protocol/messages.ts'
import { textOf, withFiles } from '../protocol/replies.ts'
import type { Round } from '../protocol/rounds.ts'
import { type GoalState, goalIndex, type HandedOff, type Thinking } from '../protocol/state.ts'
import { originOfRuns } from './calls/start-run.ts'
import { endGoal, firstCaller, type GoalEnding, repliesSoFar } from './end.ts'
import type { AgentServices } from './services.ts'

/** A hand-off that the model wants: the first message of the goal below, or the reason why there is none. */
export type HandOff =
  | { readonly agent: string; readonly start: JsonObject }
  /** ends the goal */
  | { readonly problem: Problem }
  /** told to the model */
  | { readonly refused: string }

type Handing = {
  readonly services: AgentServices
  readonly state: GoalState
  readonly effects: Effects
  /** the rounds that the request showed, with those of the goal last */
  readonly rounds: readonly Round[]
}

/** Prepares a hand-off. A circle fails the goal; an unreadable agent is reported to the model. */
export async function prepareHandOff(
  agent: string,
  { note, text }: { readonly note: string | undefined; readonly text: string },
  { services, state, effects, rounds }: Handing,
): Promise<HandOff> {
  const start = await readStart(effects)
  const { goal: _, ...origin } = originOfRuns(state, start, effects)
  try {
    pathTo(agent, origin.ancestry)
  } catch (error) {
    return { problem: problemOf(error) }
  }
  const spoken = spokenRounds([
    ...rounds.slice(rounds.length - state.rounds),
    { ...spokenRound(text), told: state.told },
  ])
  const goal = passedText(start.goal, spoken, state.agent, note)
  const files = spoken.reduce(
    (all, { told: notes = [], files: made = [] }) => withFiles(all, [...notes.flatMap(filesOfNote), ...made]),
    start.files ?? [],
  )
  const order = async (): Promise<Json> => {
    try {
      const parent = { goal: effects.self.key }
      return {
        agent,
        start: {
          ...(await services.orderGoal({ agent, goal, parent, origin: { ...origin, chosenByModel: true } })),
          ...(files.length > 0 && { files: [...files] }),
        },
      }
    } catch (error) {
      if (is(error) && error.terminal) return { refused: error.message }
      throw error
    }
  }
  return (await effects.run('hand-off', order, { effect: 'pure' })) as HandOff
}

/** The goal with all that was said about it, and a note. Pure. */
function passedText(goal: string, spoken: readonly Round[], agent: string, note: string | undefined): string {
  const texts = spoken.flatMap(({ told: heard = [], said }) => [
    ...heard.map(textOfNote),
    ...(said.length > 0 ? [`The agent ${agent} said: ${textOf(said)}`] : []),
  ])
  const notes = note === undefined ? [] : [`Note of ${agent}: ${note}`]
  return [goal, ...texts, ...notes].join('\n\n').slice(0, MAX_GOAL_CHARACTERS)
}

/** Passes the goal on after its `last` round. The goal below answers the caller, and reports its end to this one. */
export async function handOver(
  state: Thinking,
  { agent, start: body }: Extract<HandOff, { readonly agent: string }>,
  effects: Effects,
  last: Round | undefined,
): Promise<Turn<GoalState>> {
  const goal = `${effects.self.key}.${state.rounds}.hand_off`
  const start = await readStart(effects)
  const caller = firstCaller(state, start)
  const replies = await repliesSoFar(state, effects, last)
  const thread = conversationAbove(start)
  const handed: HandedOff = { ...state, status: 'handed_off', handedTo: { agent, goal } }
  return {
    state: handed,
    index: goalIndex(handed),
    events: [{ type: 'hand-off', agent, goal } satisfies GoalEvent],
    send: [
      {
        to: goalRef(goal),
        body: {
          ...body,
          ...present({ caller, replies, thread }),
          ...(start.playbook === false && { playbook: false }),
        },
        correlationId: goal,
        replyTo: effects.self,
      },
    ],
  }
}

/** The goal below has ended, and has answered the first caller: this one ends like it. */
export function endHandOff(
  state: GoalState,
  {
    status,
    answer = '',
    output,
    files = [],
    lacks,
    problem,
  }: Pick<GoalReply, 'status' | 'answer' | 'output' | 'files' | 'lacks' | 'problem'>,
  effects: Effects,
): Turn<GoalState> | Promise<Turn<GoalState>> {
  if (!isFromBelow(state, effects.message.from)) return {}
  const ending: GoalEnding =
    status === 'completed'
      ? { type: 'complete', answer, ...(output !== undefined && { output }), ...(lacks && { lacks }) }
      : status === 'cancelled'
        ? { type: 'cancel', reason: problem?.message ?? 'the goal was cancelled' }
        : { type: 'fail', problem: problem ?? { code: 'failed', name: 'TerminalError', message: 'the goal failed' } }
  return endGoal({ ...state, isAnswered: true, ...(files.length > 0 && { files }) }, ending, effects)
}

/** Whether a message comes from the goal that took over. */
export function isFromBelow(state: GoalState, from: ActorRef | null): state is HandedOff {
  return state.status === 'handed_off' && from?.kind === KIND.goal && from.key === state.handedTo.goal
}

/** A goal that was handed over is cancelled below. Its end then comes from there. */
export function cancelBelow({ handedTo: { goal } }: HandedOff, reason: string): Turn<GoalState> {
  return { cancel: [{ of: goalRef(goal), correlationId: goal, reason }] }
}
