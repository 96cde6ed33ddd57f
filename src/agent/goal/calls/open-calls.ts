/** Open calls: a round may end before its calls. Their results come later, as messages of the conversation. */

import { KIND, runRef, threadRef } from '../../../house/actors.ts'
import type { Json, JsonObject } from '../../../kernel/json.ts'
import type { ActorRef, Effects, Send, Turn } from '../../../kernel/types.ts'
import { MAX_MESSAGE_FILES } from '../../../lib/media/file-schema.ts'
import { ownerField } from '../../../lib/owner.ts'
import { workOfMessage } from '../../../thread/protocol/ask-state.ts'
import { type LateCall, lateText } from '../../context/late-result.ts'
import { conversationAbove, fileUseOf, readStart } from '../../protocol/messages.ts'
import { type Round, roundPart } from '../../protocol/rounds.ts'
import { type GoalState, openWork } from '../../protocol/state.ts'
import type { OpenCalls } from '../../protocol/stored-goal.ts'
import type { AgentServices } from '../services.ts'
import { startAgain } from '../start/start-again.ts'
import { settled } from '../turns.ts'
import { lateCalls } from './call-outcomes.ts'
import { withResultFiles } from './result-files.ts'

/** Asks the run of a round to tell how far it is. */
export const watchRun = (run: string): Send => ({ to: runRef(run), body: { type: 'watch' }, correlationId: run })

/** The open calls of the run that a message comes from; undefined: it has none, or a person is asked about them. */
export function openOf({ open = [] }: Pick<GoalState, 'open'>, from: ActorRef | null): OpenCalls | undefined {
  return from?.kind === KIND.run ? open.find(({ run, asked }) => run === from.key && !asked) : undefined
}

/**
 * Reads which open calls of a run have ended, and begins a message with their results. `isOver`: the run has ended, so
 * its other calls were not made, or were cut off.
 */
export async function recordResults(
  services: AgentServices,
  state: GoalState,
  { of, isOver }: { readonly of: OpenCalls; readonly isOver: boolean },
  effects: Effects,
): Promise<Turn<GoalState>> {
  const round = (await effects.part(roundPart(of.round))) as Round
  const use = fileUseOf(await readStart(effects), state, effects.self.key)
  const read = async () => {
    const outcomes = await withResultFiles(await services.readOutcomes(of.run), services.files, use)
    return lateCalls(round.calls, outcomes, { of, isOver }) as Json
  }
  const late = (await effects.run('outcomes', read, { effect: 'pure' })) as readonly LateCall[]
  return closeCalls(services, state, { of, round, late }, effects)
}

/** Records late results beside the pending ones, and sends them to the conversation. */
export async function closeCalls(
  services: Pick<AgentServices, 'readDefinition'>,
  state: GoalState,
  { of, round, late }: { readonly of: OpenCalls; readonly round: Round; readonly late: readonly LateCall[] },
  effects: Effects,
): Promise<Turn<GoalState>> {
  if (late.length === 0) return {}
  const calls = round.calls.map((call) => late.find(({ step }) => step === call.step) ?? call)
  const steps = late.map(({ step }) => step!)
  const left = of.calls.filter((step) => !steps.includes(step))
  const open = (state.open ?? []).flatMap((one) =>
    one === of ? (left.length > 0 ? [{ ...of, calls: left }] : []) : [one],
  )
  return {
    ...settled(withOpen(state, open)),
    parts: { [roundPart(of.round)]: { ...round, calls } as Json },
    send: await resultMessage(services, state, { ...of, calls: steps }, late, effects),
  }
}

export function withOpen<State extends GoalState>(state: State, open: readonly OpenCalls[]): State {
  const { open: _, ...rest } = state
  return (open.length > 0 ? { ...rest, open } : rest) as State
}

/** Cancels the open calls of a goal. Their results begin no message. */
export function dropOpen(state: GoalState, reason: string): Turn<GoalState> {
  const { open = [] } = state
  return { ...settled(withOpen(state, [])), cancel: cancelOpen(open, reason) }
}

export const cancelOpen = (open: readonly OpenCalls[], reason: string) =>
  open.map(({ run }) => ({ of: runRef(run), correlationId: run, reason }))

/** Whether a cancellation is meant for the open calls, and not for the goal. */
export const isForOpen = ({ self, message }: Effects): boolean => message.correlationId === openWork(self.key)

/** The message of the conversation with late results. Its id follows from the calls, so it is sent once. */
async function resultMessage(
  { readDefinition }: Pick<AgentServices, 'readDefinition'>,
  state: GoalState,
  { run, round, calls }: OpenCalls,
  late: readonly LateCall[],
  { self, part }: Effects,
): Promise<readonly Send[]> {
  const start = await readStart({ part })
  const { thread } = conversationAbove(start) ?? {}
  if (thread === undefined) return []
  const id = workOfMessage(thread, `result.${self.key.slice(thread.length + 1)}.${round}.${calls[0]}`)
  const begin = startAgain(state, start, await readDefinition(start.definition))
  const files = late.flatMap((call) => call.late.files ?? []).slice(0, MAX_MESSAGE_FILES)
  const body = {
    type: 'ask',
    prompt: lateText(late),
    agent: { name: state.agent, start: begin as JsonObject },
    resultOf: { run, calls },
    ...(files.length > 0 && { files }),
    ...ownerField(state.owner),
  }
  return [{ to: threadRef(thread), body, correlationId: id }]
}
