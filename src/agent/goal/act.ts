import type { Json } from '../../kernel/schema.ts'
import type { Effects, Send } from '../../kernel/types.ts'
import type { ToolRequest } from '../../tool/tool-request.ts'
import { shortenResult } from '../context/shorten.ts'
import type { AgentDefinition } from '../definition/definition.ts'
import type { AgentServices, RunOutcomes } from '../services.ts'
import type { GoalStartPart, GoalState, RoundCall } from './state.ts'

/** The message that starts the run of a round. The run replies to the goal when it ends. */
export function startRun(
  run: string,
  calls: readonly RoundCall[],
  start: GoalStartPart,
  {
    state,
    definition,
    services,
    effects,
  }: {
    readonly state: GoalState
    readonly definition: AgentDefinition
    readonly services: Pick<AgentServices, 'approve'>
    readonly effects: Effects
  },
): Send {
  const requests = calls.flatMap(({ step, tool, parameters, when }): ToolRequest[] =>
    step === undefined ? [] : [{ id: step, tool, parameters, ...(when && { when }) }],
  )
  const body = {
    type: 'calls',
    calls: requests,
    approve: definition.approve ?? services.approve,
    onFailure: 'continue',
    origin: { ...originOfRuns(state, start, effects), chosenByModel: true },
  }
  return { to: { kind: 'run', key: run }, body: body as Json, correlationId: run, replyTo: effects.self }
}

/** The owner, the rights and the deadline that a goal passes down to its runs, and to the goals that their steps ask for. */
export function originOfRuns(
  { agent, owner, limits, parent }: GoalState,
  { untrusted, interactive, chosenByModel, granted, denied, path = [agent] }: GoalStartPart,
  { self }: Effects,
) {
  return {
    goal: self.key,
    ...(owner !== undefined && { owner }),
    ...(untrusted && { untrusted }),
    ...(chosenByModel && { chosenByModel }),
    ...(interactive && { interactive }),
    ...(granted && { granted }),
    ...(denied && { denied }),
    ancestry: { path, until: limits.until, ...(parent && { isAsked: true as const }) },
  }
}

/** The calls of a round with the outcomes that their run had. */
export function withOutcomes(
  round: number,
  calls: readonly RoundCall[],
  { calls: outcomes }: RunOutcomes,
): RoundCall[] {
  return calls.map((call) => {
    if (call.step === undefined) return call
    const { status, text } = outcomes[call.step] ?? { status: 'cancelled' as const, text: 'the call was not made' }
    return { ...call, result: shortenResult(status, text, `${round}.${call.step}`) }
  })
}
