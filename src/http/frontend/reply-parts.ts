/**
 * Replies as front ends show them. `agent/room/conversation/reply.ts` follows the reply to one message, this file makes
 * its parts, and each protocol has a file that turns parts into its events. Start here to add a protocol.
 */

import { FINAL_ANSWER } from '../../agent/context/tool-offers.ts'
import type { GoalEvent } from '../../agent/protocol/goal-event.ts'
import type { GoalDelta } from '../../agent/protocol/live.ts'
import type { ConversationEvent } from '../../agent/room/conversation/port.ts'
import type { ReplyEnd } from '../../agent/room/conversation/reply.ts'
import type { CallDocument, GoalDocument } from '../../agent/room/goals/documents.ts'
import type { Problem } from '../../errors.ts'
import type { Json } from '../../kernel/json.ts'
import type { FileRef } from '../../lib/media/file-ref.ts'
import { isCallSignal } from '../../step/messages/call-decision.ts'
import { isGate, nameOfQuestion } from '../../step/messages/call-names.ts'
import { addDelta, beginRound, type Change, completeRound, type RoundText, restartText } from './round-text.ts'

/** A part of a reply, in words that each protocol for front ends can translate. */
export type ReplyPart =
  | { readonly type: 'goal' }
  /** ids of its parts are its id, or begin with that and a dot */
  | { readonly type: 'round'; readonly id: string }
  | { readonly type: 'text'; readonly id: string; readonly delta: string }
  | { readonly type: 'text-end'; readonly id: string }
  /** the text of this round is void, and begins again under another id */
  | { readonly type: 'text-restart' }
  | CallPart
  | ResultPart
  | NeedPart
  /** files that the model made */
  | { readonly type: 'files'; readonly id: string; readonly files: readonly FileRef[] }
  | {
      readonly type: 'end'
      readonly status: ReplyEnd['status']
      readonly output?: Json
      readonly lacks?: readonly string[]
      readonly problem?: Problem
    }

/** A call of a tool. `text`: the id that a text of its round has or would have. */
export type CallPart = {
  readonly type: 'call'
  readonly id: string
  readonly text: string
  readonly tool: string
  readonly input: Json
}

/** The result of a call; of one that did not succeed, `output` is why. */
export type ResultPart = {
  readonly type: 'result'
  readonly id: string
  readonly outcome: NonNullable<CallDocument['outcome']>
  readonly output: Json
}

/** Something that waits for a person, or that waited. */
export type NeedPart = {
  readonly type: 'need'
  readonly id: string
  /** `approval`: `POST /v1/runs/{run}/approve` answers it, with this `signal` */
  readonly kind: 'approval' | 'other'
  readonly status: 'waiting' | 'over'
  readonly title: string
  readonly run?: string
  readonly signal?: string
  readonly goal?: string
  /** the id of the call */
  readonly call?: string
}

type ReadGoal = (goal: string) => Promise<Pick<GoalDocument, 'rounds'>>

/** The parts of a reply, from the events of its goals. `readGoal` gives the calls of rounds and their results. */
export async function* replyParts(
  events: AsyncIterable<ConversationEvent | ReplyEnd>,
  readGoal: ReadGoal,
): AsyncGenerator<ReplyPart> {
  let text: RoundText | undefined
  let needs: readonly NeedPart[] = []
  const shown = new Set<string>()
  const filesOf = (id: string, files: readonly FileRef[] = []): readonly ReplyPart[] => {
    const unseen = files.filter(({ file }) => !shown.has(file))
    for (const { file } of unseen) shown.add(file)
    return unseen.length === 0 ? [] : [{ type: 'files', id: `${id}.files`, files: unseen }]
  }
  let end: Pick<Extract<GoalEvent, { readonly type: 'goal-end' }>, 'output' | 'lacks'> = {}
  for await (const happened of events) {
    if (!('cursor' in happened)) {
      const { status, problem } = happened
      yield { type: 'end', status, ...end, ...(problem && { problem }) }
      continue
    }
    const goal = happened.goal!
    const event = happened.body
    // whatever a goal does after it has waited, it waits no more
    if (OVER.has(event.type) && needs.length > 0) {
      for (const need of needs) yield { ...need, status: 'over' }
      needs = []
    }
    switch (event.type) {
      case 'goal-start':
        yield { type: 'goal' }
        break
      case 'text-delta':
      case 'text-restart':
      case 'round': {
        if (text?.goal !== goal || text.round !== event.round) {
          text = beginRound(goal, event.round)
          yield { type: 'round', id: text.id }
        }
        const change = changeBy(text, event)
        text = change.text
        yield* change.parts
        if (event.type === 'round') yield* filesOf(text.id, event.files)
        if (event.type === 'round' && event.calls.length > 0) yield* callsOf(await readGoal(goal), text)
        break
      }
      case 'round-end':
        yield* resultsOf(await readGoal(goal), goal, event.round)
        break
      case 'goal-needs':
      case 'goal-wait': {
        const need = needOf(event, goal, text)
        needs = [...needs.filter(({ id }) => id !== need.id), need]
        yield need
        break
      }
      case 'goal-end': {
        const { answer, output, lacks, files } = event
        end = { ...(output !== undefined && { output }), ...(lacks && { lacks }) }
        // a playbook or another agent gave it, not the text of a round
        if (answer && output === undefined && text?.text.trim() !== answer.trim()) {
          yield { type: 'round', id: `${goal}.answer` }
          yield { type: 'text', id: `${goal}.answer`, delta: answer }
          yield { type: 'text-end', id: `${goal}.answer` }
        }
        yield* filesOf(`${goal}.answer`, files)
      }
    }
  }
}

const OVER: ReadonlySet<string> = new Set([
  'text-delta',
  'round',
  'round-end',
  'playbook-end',
  'goal-resume',
  'goal-end',
])

function changeBy(
  text: RoundText,
  event: Extract<GoalEvent | GoalDelta, { readonly type: 'text-delta' | 'text-restart' | 'round' }>,
): Change {
  if (event.type === 'text-delta') return addDelta(text, event)
  return event.type === 'text-restart' ? restartText(text) : completeRound(text, event.text)
}

/** The calls of a round, and the results of those that the goal answered itself. */
function callsOf({ rounds }: Pick<GoalDocument, 'rounds'>, { goal, round, id }: RoundText): readonly ReplyPart[] {
  return callsIn(rounds, round).flatMap(([call, place]): readonly ReplyPart[] => {
    const made: CallPart = {
      type: 'call',
      id: callIdOf(goal, round, call, place),
      text: id,
      tool: call.tool,
      input: call.parameters,
    }
    const isAnswered = call.step === undefined && call.outcome !== undefined
    return isAnswered ? [made, resultOf(made.id, call)] : [made]
  })
}

/** The results of the calls that the run of a round made. */
function resultsOf({ rounds }: Pick<GoalDocument, 'rounds'>, goal: string, round: number): readonly ReplyPart[] {
  return callsIn(rounds, round).flatMap(([call, place]) =>
    call.step === undefined ? [] : [resultOf(callIdOf(goal, round, call, place), call)],
  )
}

/** The calls of a round that a front end shows: a final answer is the end of the reply, and not a call. */
function callsIn(rounds: GoalDocument['rounds'], number: number): readonly (readonly [CallDocument, number])[] {
  const calls = rounds.find(({ round }) => round === number)?.calls ?? []
  return calls.map((call, place) => [call, place] as const).filter(([{ tool }]) => tool !== FINAL_ANSWER)
}

const callIdOf = (goal: string, round: number, { step }: CallDocument, place: number) =>
  `${goal}.${round}.${step ?? place + 1}`

function resultOf(id: string, { outcome = 'cancelled', result = null }: CallDocument): ResultPart {
  return { type: 'result', id, outcome, output: result }
}

function needOf(
  event: Extract<GoalEvent, { readonly type: 'goal-needs' | 'goal-wait' }>,
  goal: string,
  text: RoundText | undefined,
): NeedPart {
  const need = { type: 'need', status: 'waiting', title: event.title } as const
  if (event.type === 'goal-wait') return { ...need, kind: 'other', id: `${goal}.wait`, goal }
  const { run, step, signal = step } = event
  if (run === undefined || step === undefined || signal === undefined)
    return { ...need, kind: 'other', id: `${event.goal}.wait`, ...(event.goal !== undefined && { goal: event.goal }) }
  const isOfRound = text !== undefined && run === `${text.goal}.${text.round}`
  return {
    ...need,
    kind: isGate(signal) || isCallSignal(signal) ? 'approval' : 'other',
    id: `${run}.${nameOfQuestion({ step, signal })}`,
    run,
    signal,
    ...(isOfRound && { call: `${run}.${step}` }),
  }
}
