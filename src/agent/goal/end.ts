import { budgetRef } from '../../budget/scope.ts'
import type { Problem } from '../../errors.ts'
import { runRef } from '../../house/actors.ts'
import type { Json } from '../../kernel/json.ts'
import { nameOf } from '../../kernel/ref.ts'
import type { ActorRef, Effects, Send, Turn } from '../../kernel/types.ts'
import { runOfPlaybook, runOfRound } from '../../run/ids.ts'
import type { GoalReply, MessageText } from '../../work/origin/goal-origin.ts'
import { followedNote } from '../playbook/playbook.ts'
import type { GoalEvent } from '../protocol/goal-event.ts'
import { findStart, type GoalStartPart } from '../protocol/messages.ts'
import { messageOf, repliesIn } from '../protocol/replies.ts'
import { type Round, roundPart } from '../protocol/rounds.ts'
import { type Ended, type GoalState, goalIndex, type Undoing, type Unfinished } from '../protocol/state.ts'
import type { GoalUndo } from '../protocol/stored-goal.ts'
import { cancelOpen } from './calls/open-calls.ts'
import type { AgentServices } from './services.ts'
import { takeDraft } from './think/live-text.ts'
import { messageTime } from './turns.ts'
import { leaveKey } from './wait-to-begin.ts'

export type GoalEnding =
  | { readonly type: 'complete'; readonly answer: string; readonly output?: Json; readonly lacks?: readonly string[] }
  | { readonly type: 'fail'; readonly problem: Problem }
  | { readonly type: 'cancel'; readonly reason: string }

/** A goal in any status before its end, without the run and the record of its undo. */
type Closing = Omit<Undoing, 'status' | 'run' | 'undo' | 'problem'> &
  Partial<Pick<Undoing, 'run' | 'undo' | 'problem'>> & { readonly status: GoalState['status'] }

/** A goal that has failed, and undoes its calls first. */
type Failed = Omit<Closing, 'run' | 'undo' | 'problem'> & Pick<Undoing, 'problem'>

const STATUSES = { complete: 'completed', fail: 'failed', cancel: 'cancelled' } as const

/**
 * Ends a goal. One that failed first undoes its finished calls, if its definition says so; a goal that a person
 * cancelled leaves them as they are. `last`: its last round, if this turn records it.
 */
export async function endGoal(
  state: Unfinished,
  ending: GoalEnding,
  effects: Effects,
  last?: Round,
): Promise<Turn<GoalState>> {
  if (ending.type !== 'fail') return closeGoal(state, ending, effects, last)
  const start = await findStart(effects)
  if (!start?.undo) return closeGoal(state, ending, effects)
  const { run: _, open = [], ...failed } = state
  const turn = await undoNext({ ...failed, problem: ending.problem }, undoFrom(state), effects)
  return { ...turn, cancel: [...(turn.cancel ?? []), ...cancelOpen(open, 'the goal has failed, and undoes its calls')] }
}

/** Ends a goal that was cancelled. The text of a round that followers have read is its last round. */
export async function cancelGoal(
  services: AgentServices,
  state: Unfinished,
  reason: string,
  effects: Effects,
): Promise<Turn<GoalState>> {
  const ending = { type: 'cancel', reason } as const
  if (state.status !== 'thinking' || !state.parent || !('thread' in state.parent))
    return endGoal(state, ending, effects)
  const text = (await effects.run('draft', async () => takeDraft(services, effects.self.key))) as string
  if (text.trim() === '') return endGoal(state, ending, effects)
  const round = state.rounds + 1
  const of = messageOf(state)
  const part: Round = { at: messageTime(effects.message), said: [{ type: 'text', text }], calls: [], ...of }
  const turn = await endGoal({ ...state, ...of, rounds: round, cut: true }, ending, effects, part)
  return {
    ...turn,
    parts: { [roundPart(round)]: part as Json, ...turn.parts },
    events: [{ type: 'round', round, text, ...of, calls: [] } satisfies GoalEvent, ...(turn.events ?? [])],
  }
}

/** A run of the goal has undone its steps, or could not: the run before it is next. */
export async function continueUndo(
  { run: _, undo, ...state }: Undoing,
  { undone, failed }: Pick<GoalUndo, 'undone' | 'failed'>,
  effects: Effects,
): Promise<Turn<GoalState>> {
  return undoNext(state, { ...undo, undone: undo.undone + undone, failed: undo.failed + failed }, effects)
}

async function undoNext(state: Failed, undo: GoalUndo, effects: Effects): Promise<Turn<GoalState>> {
  const found = await nextToUndo(state, undo, effects)
  const isEmpty = undo.undone + undo.failed === 0
  if (!found) return closeGoal(isEmpty ? state : { ...state, undo }, { type: 'fail', problem: state.problem }, effects)
  const { run, next } = found
  const undoing: Undoing = { ...state, status: 'undoing', run, undo: { ...undo, next } }
  return {
    state: undoing,
    index: goalIndex(undoing),
    events: [{ type: 'goal-undo', run } satisfies GoalEvent],
    send: [undoRun(run, effects)],
  }
}

/**
 * The last turn of a goal: the caller gets exactly one reply, and the run that makes calls is cancelled. A goal that
 * was handed over also reports to the goal above it.
 */
async function closeGoal(state: Closing, ending: GoalEnding, effects: Effects, last?: Round): Promise<Turn<GoalState>> {
  const { self, message } = effects
  const { run, wait, pauseRequested: _, ...rest } = state
  const problem = problemIn(ending)
  const start = await findStart(effects)
  const lacks = ending.type === 'complete' && ending.lacks && { lacks: ending.lacks }
  const output = ending.type === 'complete' ? ending.output : undefined
  const over: Ended = {
    ...rest,
    status: STATUSES[ending.type],
    finishedAt: Math.max(message.createdAt, message.due ?? 0),
    // a goal that continues a failed one tells its model
    told: ending.type === 'fail' ? state.told : [],
    ...(problem && { problem }),
    ...lacks,
  }
  const answer = ending.type === 'complete' ? { answer: ending.answer, needs: needsIn(ending.answer) } : { needs: [] }
  const { followed, rounds, files } = state
  const note = followed !== undefined && { note: followedNote(followed, rounds) }
  const reply: GoalReply = {
    type: 'goal-end',
    status: STATUSES[ending.type],
    ...answer,
    ...(ending.type === 'complete' && files && { files }),
    ...(output !== undefined && { output }),
    ...(problem && { problem }),
    ...lacks,
    ...note,
  }
  const replies = await repliesOf(state, ending, effects, last)
  const body = { ...reply, ...(replies && { replies }) }
  const send = receiversOf(state, start).map((to): Send => ({ to, body: body as Json, type: 'response' }))
  send.push(...leaveKey(state, start, self))
  if (wait?.type === 'money')
    send.push({
      to: budgetRef(wait.scope),
      body: { type: 'release', by: nameOf(self) },
      correlationId: `${self.key}.release`,
    })
  return {
    state: over,
    index: goalIndex(over),
    send,
    events: [reply satisfies GoalEvent as Json],
    ...(ending.type === 'complete' && { parts: { answer: ending.answer, ...(output !== undefined && { output }) } }),
    ...(wait?.type === 'start' && { timers: { begin: null } }),
    ...(run !== undefined && {
      cancel: [{ of: runRef(run), correlationId: run, reason: 'the goal has ended' }],
    }),
  }
}

/** The replies to the messages of the conversation above; undefined: there is none, or the answer is the only reply. */
async function repliesOf(state: Closing, ending: GoalEnding, effects: Effects, last?: Round) {
  const all = await repliesSoFar(state, effects, last)
  if (!all || ending.type !== 'complete') return all
  const answered = all.filter(({ message }) => message !== all.at(-1)!.message)
  return answered.length === 0 ? undefined : [...answered, { ...all.at(-1)!, text: ending.answer }]
}

/** The replies of a goal as far as a person has read them; undefined: no conversation is above it. */
export async function repliesSoFar(
  { parent, rounds }: Pick<GoalState, 'parent' | 'rounds'>,
  effects: Effects,
  last?: Round,
): Promise<readonly MessageText[] | undefined> {
  if (!parent || 'run' in parent) return undefined
  const { replies = [] } = (await findStart(effects)) ?? {}
  const own = 'thread' in parent ? parent.n : replies.at(-1)?.message
  if (own === undefined) return undefined
  const before = replies.map(({ text, ...reply }) => ({ ...reply, said: [{ type: 'text', text } as const] }))
  const numbers = Array.from({ length: rounds }, (_, index) => index + 1)
  const stored = await Promise.all(
    numbers.map((number) => effects.part(roundPart(number)) as Promise<Round | undefined>),
  )
  const recorded = [...stored.slice(0, rounds - 1), last ?? stored[rounds - 1]].filter((round) => round !== undefined)
  return repliesIn([...before, ...recorded.map((round) => ({ ...round, message: round.message ?? own }))], own)
}

/** The caller who gets the answer. A goal that was handed over has it from the first goal. */
export function firstCaller(
  { parent }: Pick<GoalState, 'parent'>,
  { replyTo, caller }: Pick<GoalStartPart, 'replyTo' | 'caller'> = {},
): ActorRef | undefined {
  return parent && 'goal' in parent ? caller : replyTo
}

function receiversOf(state: Closing, start: Pick<GoalStartPart, 'replyTo' | 'caller'> = {}): readonly ActorRef[] {
  const first = state.isAnswered ? undefined : firstCaller(state, start)
  const above = state.parent && 'goal' in state.parent ? start.replyTo : undefined
  return [first, above].filter((to) => to !== undefined)
}

function problemIn(ending: GoalEnding): Problem | undefined {
  if (ending.type === 'complete') return undefined
  if (ending.type === 'fail') return ending.problem
  return { code: 'cancelled', name: 'CancelledError', message: ending.reason, terminal: true }
}

/** Lines of an answer that count, and characters of each. */
const MAX_NEEDS = 20
const MAX_NEED_CHARACTERS = 500

/** The things that an agent would still need: the lines of its answer that begin with `Needs:`. Pure. */
function needsIn(answer: string): readonly string[] {
  const found = answer.split('\n').flatMap((line) => {
    const [, need] = /^[\s>*#-]{0,20}needs:[\s*]{0,20}(\S.*)$/i.exec(line) ?? []
    return need === undefined ? [] : [need.trimEnd().slice(0, MAX_NEED_CHARACTERS)]
  })
  return found.slice(0, MAX_NEEDS)
}

/** The undo of a goal that has just failed: the newest round comes first. */
const undoFrom = ({ rounds }: GoalState): GoalUndo => ({ next: rounds, undone: 0, failed: 0 })

/** A run whose steps are undone next, and where the undo goes on after it. */
type RunToUndo = { readonly run: string; readonly next: number }

/** The next run of a goal to undo, from the newest to the oldest; undefined: none is left. */
async function nextToUndo(
  { followed, playbook = followed }: Pick<GoalState, 'followed' | 'playbook'>,
  { next }: GoalUndo,
  { self, part }: Pick<Effects, 'self' | 'part'>,
): Promise<RunToUndo | undefined> {
  for (let round = next; round > 0; round--) {
    const { calls = [], run } = ((await part(roundPart(round))) ?? {}) as Partial<Round>
    // the calls of another goal stay as they are
    if (run === undefined && calls.some(({ step }) => step !== undefined))
      return { run: runOfRound(self.key, round), next: round - 1 }
  }
  return next >= 0 && playbook !== undefined ? { run: runOfPlaybook(self.key), next: -1 } : undefined
}

/** Asks an ended run to undo its steps. It replies to the goal when all are undone. */
function undoRun(run: string, { self }: Pick<Effects, 'self'>): Send {
  return { to: runRef(run), body: { type: 'undo', goal: self.key }, correlationId: run, replyTo: self }
}
