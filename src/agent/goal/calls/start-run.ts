import { runRef } from '../../../house/actors.ts'
import type { Json } from '../../../kernel/json.ts'
import type { Effects, Send } from '../../../kernel/types.ts'
import { present } from '../../../lib/json/present.ts'
import { runOfRound } from '../../../run/ids.ts'
import type { ToolRequest } from '../../../tool/tool-request.ts'
import type { AgentDefinition } from '../../definition/definition.ts'
import type { GoalEvent } from '../../protocol/goal-event.ts'
import { fileUseOf, type GoalStartPart, readStart } from '../../protocol/messages.ts'
import type { Round, RoundCall } from '../../protocol/rounds.ts'
import type { Calling, Ended, GoalState } from '../../protocol/state.ts'
import type { AgentServices } from '../services.ts'
import type { AnsweredRound } from '../think/answer-call.ts'
import { messageTime } from '../turns.ts'
import { pendingCalls, withOutcomes } from './call-outcomes.ts'
import { withResultFiles } from './result-files.ts'

/** The message that starts the run of a round. The run replies to the goal when it ends. */
export function startRun(
  run: string,
  calls: readonly RoundCall[],
  start: GoalStartPart,
  { state, definition, services, effects }: Omit<AnsweredRound, 'start' | 'rounds'>,
): Send {
  const { timeout, retry } = definition
  const limits = { ...(timeout !== undefined && { timeout }), ...(retry !== undefined && { retry }) }
  const requests = calls.flatMap(({ step, tool, parameters, when }): ToolRequest[] =>
    step === undefined ? [] : [{ id: step, tool, parameters, ...limits, ...(when && { when }) }],
  )
  const body = {
    type: 'calls',
    calls: requests,
    approve: definition.approve ?? services.approve,
    onFailure: 'continue',
    ...(definition.bound && { code: definition.bound }),
    origin: { ...originOfRuns(state, start, effects), ...unknownPolicy(definition), chosenByModel: true },
  }
  return { to: runRef(run), body: body as Json, correlationId: run, replyTo: effects.self }
}

/** The run does not wait for a person if the goal tells its model about an unknown outcome, or fails. */
export const unknownPolicy = ({ onUnknown = 'ask' }: AgentDefinition) => onUnknown !== 'ask' && { failsOnUnknown: true }

/** The owner, the rights and the deadline that a goal passes to its runs, and to the goals that their steps ask for. */
export function originOfRuns(
  { agent, owner, limits, parent }: GoalState,
  { untrusted, foreign, interactive, chosenByModel, granted, denied, priority, workFor, path = [agent] }: GoalStartPart,
  { self }: Effects,
) {
  return {
    goal: self.key,
    ...present({ owner, untrusted, foreign, chosenByModel, interactive, granted, denied, priority }),
    workFor: { ...workFor, goal: self.key, agent },
    ancestry: { path, until: limits.until, ...(parent && { isAsked: true as const }) },
  }
}

/** The calls of a round with their bounded results, and the ms that they waited for a person. */
type EndedCalls = { readonly calls: readonly RoundCall[]; readonly waited: number }

/**
 * Reads how the calls of the last round ended. The outcome of a call that was cut off is unknown if it is doubtful;
 * otherwise the call counts as cancelled. `early`: the run goes on, and the calls that have not ended are pending.
 */
export async function readEndedCalls(
  services: AgentServices,
  state: Calling | Ended,
  round: Round,
  effects: Effects,
  { early, isDoubtful = () => false }: { readonly early?: 'early' | undefined; isDoubtful?(call: RoundCall): boolean },
): Promise<EndedCalls> {
  const { key } = effects.self
  const of = fileUseOf(await readStart(effects), state, key)
  const read = async () => {
    const ended = await services.readOutcomes(runOfRound(key, state.rounds))
    const outcomes = await withResultFiles(ended, services.files, of)
    if (!early) return { calls: withOutcomes(round.calls, outcomes, isDoubtful), waited: outcomes.waited } as Json
    // a person who has not answered yet does not use up the time of the goal either
    const at = messageTime(effects.message)
    return { calls: pendingCalls(round.calls, outcomes), waited: at - (round.at ?? at) } as Json
  }
  return (await effects.run('outcomes', read, { effect: 'pure' })) as EndedCalls
}

export const countMade = (calls: readonly RoundCall[]): number => calls.filter(({ step }) => step !== undefined).length

export const roundEnd = (round: number, calls: readonly RoundCall[]): GoalEvent => ({
  type: 'round-end',
  round,
  results: calls.map(({ tool, asked, result, said }) => ({
    tool,
    outcome: result?.outcome ?? 'cancelled',
    ...(asked && { edited: true as const }),
    ...(said && { said }),
  })),
})
