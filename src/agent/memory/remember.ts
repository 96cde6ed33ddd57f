import { asText } from '../../kernel/json.ts'
import type { Effects, Send, Turn } from '../../kernel/types.ts'
import { clip } from '../../lib/clip.ts'
import { withoutResult } from '../context/round-forms.ts'
import { FINAL_ANSWER } from '../context/tool-offers.ts'
import { findStart } from '../protocol/messages.ts'
import { type Round, type RoundCall, roundPart } from '../protocol/rounds.ts'
import { type Ended, type GoalState, isOver } from '../protocol/state.ts'
import type { CallStatus } from '../protocol/stored-goal.ts'
import type { AgentMemory, AgentMemoryEntry } from './agent-memory.ts'
import { remembererOf } from './recall.ts'

/**
 * Adds a message to the turn in which the goal ends, is rated, or gets late results of its last calls: the goal records
 * itself in a turn of its own. The message has no text of the goal, and is committed with the turn.
 */
export async function remember(
  before: GoalState,
  turn: Turn<GoalState>,
  effects: Pick<Effects, 'self' | 'part'>,
): Promise<Turn<GoalState>> {
  const { state } = turn
  if (!state || !isOver(state)) return turn
  const hasCalls = turn.parts?.[roundPart(state.rounds)] !== undefined
  if (isOver(before) && state.rating === before.rating && !hasCalls) return turn
  // an agent of a step exists only as long as its run
  if ((await findStart(effects))?.ofStep) return turn
  const { self } = effects
  // the work of a goal that was cancelled takes no message any more
  const record: Send = { to: self, body: { type: 'record' }, type: 'event', correlationId: `${self.key}.record` }
  return { ...turn, send: [...(turn.send ?? []), record] }
}

/** Records a goal that has ended. It may be made again: the ids of the entries follow from the goal. */
export async function recordGoal(
  memory: AgentMemory,
  state: GoalState,
  effects: Pick<Effects, 'self' | 'part' | 'run'>,
): Promise<Turn<GoalState>> {
  const start = await findStart(effects)
  if (!start || !isOver(state)) return state.status === 'new' ? { stop: true } : {}
  const numbers = Array.from({ length: state.rounds }, (_, index) => roundPart(index + 1))
  const rounds = (await Promise.all(numbers.map((name) => effects.part(name)))) as unknown as readonly Round[]
  const answer = await effects.part('answer')
  const entries = memoriesOf({
    id: effects.self.key,
    state,
    goal: start.goal,
    rounds,
    ...(typeof answer === 'string' && { answer }),
  })
  const of = remembererOf(state, start, effects)
  await effects.run('record', () => memory.record(of, entries), { effect: 'idempotent' })
  return {}
}

type EndedGoal = {
  readonly id: string
  readonly state: Ended
  readonly goal: string
  readonly rounds: readonly Round[]
  readonly answer?: string
}

/** Calls of a goal that are remembered at most, the newest ones. */
const MAX_ACTIONS = 200

/** Calls that did nothing, and those that have no result yet. A person's no is a memory. */
const NO_MEMORIES: ReadonlySet<CallStatus> = new Set(['failed', 'refused', 'cancelled', 'pending'])

/** Characters of a text, of parameters and of a reason in an entry. */
const MAX_TEXT = 500
const MAX_DETAIL = 200

/** The memories of a goal that has ended: one of the goal, and one of each call that did something. Pure. */
function memoriesOf(ended: EndedGoal): readonly AgentMemoryEntry[] {
  const { id, state, rounds } = ended
  const actions = rounds.flatMap(({ calls }, round) =>
    calls.flatMap((call, place) =>
      // the memory of the goal has its answer, and the goal of a later message has that of a late result
      call.tool === FINAL_ANSWER || NO_MEMORIES.has((call.result ?? withoutResult(call)).outcome)
        ? []
        : [actionMemory(ended, call, `${id}.${round + 1}.${place + 1}`)],
    ),
  )
  const { status: outcome, agent, rating } = state
  const goal: AgentMemoryEntry = {
    id,
    kind: 'goal',
    text: goalText(ended),
    outcome,
    tags: { goal: id, agent },
    importance: rating ? 0.9 : 0.6,
    ...(rating && { rating }),
  }
  return [goal, ...actions.slice(-MAX_ACTIONS)]
}

function goalText({ goal, state, answer }: EndedGoal): string {
  const { status, problem } = state
  const end = answer ?? problem?.message
  return `${clip(goal, MAX_TEXT)} (${status})${end === undefined ? '' : `: ${clip(end, MAX_TEXT)}`}`
}

function actionMemory({ id: goal, state }: EndedGoal, call: RoundCall, id: string): AgentMemoryEntry {
  const { tool, parameters, asked } = call
  const { outcome, output } = call.result ?? withoutResult(call)
  // a result is what a file or a page says, and is found there
  const reason = outcome === 'succeeded' ? '' : `: ${clip(asText(output), MAX_DETAIL)}`
  const text = `${tool} ${clip(JSON.stringify(parameters), MAX_DETAIL)}${editNote(asked)}${reason}`
  const { agent } = state
  const importance = outcome === 'succeeded' ? 0.2 : 0.4
  return { id, kind: 'action', text, outcome, importance, tags: { goal, agent, tool } }
}

const editNote = (asked: RoundCall['asked']) =>
  asked === undefined ? '' : ` (a person changed it from ${clip(JSON.stringify(asked), MAX_DETAIL)})`
