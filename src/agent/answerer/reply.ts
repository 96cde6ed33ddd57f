import type { Problem } from '../../errors.ts'
import { KIND } from '../../house/actors.ts'
import type { ActorRef, Effects, Turn } from '../../kernel/types.ts'
import { present } from '../../lib/json/present.ts'
import { endAsk, type Joined, withReply } from '../../thread/actor/end.ts'
import { askPartName, readRecord, readWork, threadIndex } from '../../thread/actor/parts.ts'
import type { ThreadLimits } from '../../thread/answerer.ts'
import type {
  AskEnding,
  AskRecord,
  CurrentAsk,
  CurrentGoal,
  QueuedAsk,
  ThreadState,
} from '../../thread/protocol/ask-state.ts'
import type { GoalEnd } from '../../thread/protocol/messages.ts'

type Limits = Pick<ThreadLimits, 'remembered'>
type GoalAsk = CurrentAsk & { readonly goal: CurrentGoal }

/** The current ask, if this goal answers it. A goal that it was handed to has a longer key. */
export function askOfGoal({ current }: ThreadState, from: ActorRef | null): GoalAsk | undefined {
  const { goal } = current ?? {}
  if (!goal || from?.kind !== KIND.goal) return undefined
  return isBelow(from.key, goal.key) ? (current as GoalAsk) : undefined
}

const isBelow = (key: string, goal: string) => key === goal || key.startsWith(`${goal}.`)

/** The goal has ended. The ask ends with it, as soon as it is known which messages the goal had taken. */
export function handleGoalEnd(
  state: ThreadState,
  end: GoalEnd,
  effects: Effects,
  limits: Limits,
): Turn<ThreadState> | Promise<Turn<ThreadState>> {
  const current = askOfGoal(state, effects.message.from)
  if (!current) return keepReplies(end, effects)
  if (current.goal.end) return {}
  const { replies } = end
  const goal = { ...current.goal, ...(replies && { replies }), end: endingOf(end) }
  return settle(state, { ...current, goal }, effects, limits)
}

/** A stop has ended the asks of a goal before the goal: the streamed parts of their replies stay in their records. */
async function keepReplies({ replies = [] }: GoalEnd, effects: Effects): Promise<Turn<ThreadState>> {
  const { from } = effects.message
  const found = await Promise.all(
    replies.map(async ({ message: n }) => [n, (await effects.part(askPartName(n))) as AskRecord | undefined] as const),
  )
  const records = found.flatMap(([n, record]) => {
    const isOfGoal = from && record?.goal !== undefined && isBelow(from.key, record.goal)
    return isOfGoal && record.status === 'cancelled' ? [[askPartName(n), withReply(record, n, replies)] as const] : []
  })
  return records.length > 0 ? { parts: Object.fromEntries(records) } : {}
}

/** The goal could not even begin, or ended without a reply: the ask fails. */
export function failGoal(
  state: ThreadState,
  current: GoalAsk,
  problem: Problem,
  effects: Effects,
  limits: Limits,
): Turn<ThreadState> | Promise<Turn<ThreadState>> {
  if (current.goal.end) return {}
  const end: AskEnding = { status: problem.code === 'cancelled' ? 'cancelled' : 'failed', problem }
  return settle(state, { ...current, goal: { ...current.goal, end } }, effects, limits)
}

/** The goal has taken a message, or has refused it: then it begins an ask of its own, before all later ones. */
export async function handleTold(
  state: ThreadState,
  taken: boolean,
  effects: Effects,
  limits: Limits,
): Promise<Turn<ThreadState>> {
  const { correlationId: id } = effects.message
  const current = state.current as GoalAsk | null
  const ask = current?.goal?.telling?.find((one) => one.id === id)
  if (!current || !ask) return {}
  const { telling = [], joined = [], ...rest } = current.goal
  const left = telling.filter((one) => one !== ask)
  const goal: CurrentGoal = {
    ...rest,
    ...(left.length > 0 && { telling: left }),
    ...((taken || joined.length > 0) && { joined: taken ? [...joined, ask] : joined }),
  }
  const next = { ...current, goal }
  if (taken) return settle(state, next, effects, limits)
  const record = await readRecord(effects, ask.n)
  const back = { [askPartName(ask.n)]: { ...record, status: 'queued' as const } }
  const [before, after] = [state.queue.filter(({ n }) => n < ask.n), state.queue.filter(({ n }) => n > ask.n)]
  const turn = await settle({ ...state, queue: [...before, ask, ...after] }, next, effects, limits)
  return { ...turn, parts: { ...back, ...turn.parts } }
}

async function settle(
  state: ThreadState,
  current: GoalAsk,
  effects: Effects,
  limits: Limits,
): Promise<Turn<ThreadState>> {
  const { end, telling = [], joined = [] } = current.goal
  const now = await effects.now()
  if (!end || telling.length > 0) {
    const next = { ...state, current }
    return { state: next, index: threadIndex(next, 'running', now, current) }
  }
  const read = async ({ n, id }: QueuedAsk): Promise<Joined> => ({ n, id, work: await readWork(effects, n) })
  const { work } = await read(current)
  const all = await Promise.all(joined.map(read))
  return endAsk(state, { current, work, ending: end, events: [], now, joined: all }, limits, effects)
}

function endingOf({ status, answer = '', output, files: answerFiles, lacks, problem }: GoalEnd): AskEnding {
  const nothing = { citations: [], invalidCitations: [], model: '' }
  if (status === 'completed') return { status, answer, ...nothing, ...present({ output, answerFiles, lacks }) }
  return { status, problem: problem ?? { code: status, name: 'TerminalError', message: `the goal ${status}` } }
}
