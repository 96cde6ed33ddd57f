import type { Json } from '../../../kernel/json.ts'
import type { Effects, Turn } from '../../../kernel/types.ts'
import { CODE_CONTINUES, codeMissing } from '../../../work/code-wait.ts'
import type { AgentDefinition } from '../../definition/definition.ts'
import type { GoalEvent } from '../../protocol/goal-event.ts'
import { type GoalMessage, type GoalStartPart, readStart, START_PART } from '../../protocol/messages.ts'
import { type GoalState, isOver, type Thinking, type Waiting } from '../../protocol/state.ts'
import { nextThink } from '../control.ts'
import type { AgentServices, CodeLook } from '../services.ts'
import { messageTime, settled, waitTurn } from '../turns.ts'
import { withTimeOf } from './await-model.ts'

/** A change of the code that a goal needs, as a look found it. */
type Change = NonNullable<CodeLook['change']>

/**
 * Looks whether this process has the code of a goal, before its round. Undefined: it has. The turn: the goal goes on
 * with code that has changed. Otherwise throws `code_missing`, and the goal waits.
 */
export async function takeCode(
  services: AgentServices,
  state: Thinking | Waiting,
  effects: Effects,
): Promise<Turn<GoalState> | undefined> {
  const { start, definition, look } = await lookAtCode(services, effects)
  if (look.lack === '') return undefined
  if (mayTake(look.change, state)) return goOn(state, start, look.change!, effects)
  throw codeMissing(...waitOf(definition, look))
}

/** Continues a goal that waits for code of its agent, if this process has it, or other code that it may take. */
export async function lookForCode(services: AgentServices, state: Waiting, effects: Effects): Promise<Turn<GoalState>> {
  const { start, definition, look } = await lookAtCode(services, effects)
  // the wait for a program does not use up the time of the goal
  const { wait, ...rest } = withTimeOf(state, messageTime(effects.message))
  const going: Thinking = { ...rest, status: 'thinking' }
  if (look.lack === '') return resumed(going, effects)
  if (mayTake(look.change, state)) return goOn(going, start, look.change!, effects)
  const { message: title } = codeMissing(...waitOf(definition, look))
  if (look.change === undefined || title === wait.title) return {}
  const { since } = wait
  const { lines: changes } = look.change
  return waitTurn({ ...rest, status: 'waiting', wait: { type: 'code', title, since, changes } }, effects)
}

/** Lets a goal go on with the code of this process. `auto`: only if its agent says so. The reply says what follows. */
export async function adoptCode(
  services: AgentServices,
  state: GoalState,
  { auto }: Extract<GoalMessage, { type: 'adopt' }>,
  effects: Effects,
): Promise<Turn<GoalState>> {
  if (state.status === 'new' || state.status === 'handed_off') return { reply: { status: 'same' } }
  const { start, look } = await lookAtCode(services, effects)
  const { lack, change } = look
  if (lack === '') return { reply: { status: 'same' } }
  if (!change) return { reply: { status: 'unknown', lack } }
  const { onChange, lines } = change
  if (onChange === 'finish-old') return { reply: { status: 'kept', lines } }
  if (auto && !mayTake(change, state)) return { reply: { status: 'asks', lines } }
  const reply = { status: 'adopted', lines }
  if (state.status !== 'waiting' || state.wait.type !== 'code')
    return { ...adopted(isOver(state) ? state : noted(state, change), start, change), reply }
  const { wait: _, ...rest } = withTimeOf(state, messageTime(effects.message))
  return { ...goOn({ ...rest, status: 'thinking' }, start, change, effects), reply }
}

/** Whether a goal may take changed code without an answer. */
function mayTake(change: Change | undefined, state: GoalState): boolean {
  return change !== undefined && mayTakeCode(change, needsNoAnswer(state))
}

/** The same, as it is known before a deploy. */
export function mayTakeCode({ onChange, isSure }: Pick<Change, 'onChange' | 'isSure'>, noAnswer: boolean): boolean {
  return onChange !== 'finish-old' && isSure && (onChange === 'adopt' || noAnswer)
}

/** Before its first round, nothing was planned with the old code. A later message came under the new code. */
export function needsNoAnswer({ rounds, status, unread }: GoalState): boolean {
  return (rounds === 0 && (status === 'thinking' || status === 'waiting')) || unread !== undefined
}

/** The goal thinks with the new code. Its next round is a turn of its own. */
function goOn(state: Thinking | Waiting, start: GoalStartPart, change: Change, effects: Effects): Turn<GoalState> {
  const { wait: _, ...rest } = state
  const turn = adopted(noted<Thinking>({ ...rest, status: 'thinking' }, change), start, change)
  return { ...turn, ...resumed(turn.state, effects), events: [...turn.events, GOES_ON] }
}

const GOES_ON = { type: 'goal-resume' } satisfies GoalEvent

function resumed(going: Thinking, effects: Effects): Turn<GoalState> {
  return { ...settled(going), events: [GOES_ON], send: [nextThink(going, effects.self)] }
}

/** The goal with another definition. What new code answers is no repetition. */
function adopted<State extends GoalState>(state: State, start: GoalStartPart, { definition, denied, lines }: Change) {
  const { denied: _, changed = [], ...rest } = start
  const next = {
    ...rest,
    definition,
    ...(denied && { denied: [...denied] }),
    changed: [...changed, ...lines],
  } satisfies GoalStartPart
  return {
    state: { ...state, recent: [] } as State,
    parts: { [START_PART]: next as Json },
    events: [{ type: 'goal-code', changes: lines } satisfies GoalEvent],
  }
}

/** The goal whose model reads about the change before its next round. */
const noted = <State extends GoalState>(state: State, { lines }: Change): State => ({
  ...state,
  told: [...state.told, `The program has changed since this work began: ${lines.join('; ')}. ${PRESENT_TOOLS}`],
})

const PRESENT_TOOLS =
  'Use the tools as they are described now. A tool that is gone cannot be called any more. A call that was made is not to be repeated.'

function waitOf({ name }: AgentDefinition, { lack, change }: CodeLook): Parameters<typeof codeMissing> {
  if (!change) return [lack]
  const about = `The code of the agent ${name} has changed since the work began: ${change.lines.join('; ')}.`
  const remedy = change.onChange === 'finish-old' ? CODE_CONTINUES : GO_ON
  return [about, undefined, { remedy, changes: change.lines }]
}

/** How waiting work goes on with changed code. */
export const GO_ON = 'To go on with the new code: antiphon agent resume --all --with-new-code'

/** Whether this process has the code of a goal. Processes differ, so it is recorded. */
async function lookAtCode(services: AgentServices, effects: Effects) {
  const start = await readStart(effects)
  const definition = await services.readDefinition(start.definition)
  if (!definition.bound && definition.boundOutput === undefined) return { start, definition, look: COMPLETE }
  const find = async () => (await services.lookAtCode(definition, start.ofStep === true)) as Json
  const look = (await effects.run('code', find, { effect: 'pure' })) as CodeLook
  return { start, definition, look }
}

const COMPLETE: CodeLook = { lack: '' }
