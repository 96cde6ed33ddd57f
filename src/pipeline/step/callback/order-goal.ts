import { type Problem, TerminalError } from '../../../errors.ts'
import { goalRef } from '../../../house/actors.ts'
import { present } from '../../../lib/json/present.ts'
import { childRunId } from '../../../run/ids.ts'
import { ancestryBelow } from '../../../step/call/call-time.ts'
import type { StepContext } from '../../../step/call/context.ts'
import type { CallbackRequest } from '../../../step/messages/callback.ts'
import type { RunContext } from '../../../step/messages/step-start.ts'
import type { AgentOrder, GoalOrigin, GoalReply } from '../../../work/origin/goal-origin.ts'

/** The request of a step to an agent. The goal has the rights of the run, and goes with it. */
export async function orderGoal(
  { agent, goal, files }: Pick<AgentOrder, 'agent' | 'goal' | 'files'>,
  context: Pick<StepContext, 'services' | 'start'>,
): Promise<Pick<CallbackRequest, 'to' | 'body' | 'work'>> {
  const { services, start } = context
  checkOffered(agent, start.run)
  if (!services.orderGoal) throw new TerminalError('There are no agents here.', { code: 'not_supported' })
  const to = goalRef(childRunId(start.run.id, start.step))
  const order = {
    agent,
    goal,
    ...(files && { files }),
    parent: { run: start.run.id },
    origin: originOf(start.run, ancestryBelow(context)),
  }
  return { to, body: await services.orderGoal(order), work: to.key }
}

function originOf(
  { granted, denied, approve, priority, workFor, provenance = {} }: RunContext,
  ancestry: GoalOrigin['ancestry'] = NO_AGENTS,
): GoalOrigin {
  const { owner, untrusted, foreign, chosenByModel, interactive } = provenance
  return {
    ...present({ owner, untrusted, foreign: foreign || undefined, chosenByModel, interactive }),
    ...present({ granted, denied, approve, priority, workFor }),
    ancestry,
  }
}

const NO_AGENTS = { path: [] }

/** A text of a visitor names only the agents that the handler of the program offers. */
function checkOffered(agent: AgentOrder['agent'], { provenance = {} }: RunContext): void {
  const { foreign, agents } = provenance
  if (!foreign || !agents || typeof agent !== 'string' || agents.includes(agent)) return
  const offered = [...agents, agent.slice(0, 100)].map((name) => `'${name}'`)
  throw new TerminalError(`A pipeline of a visitor may not name the agent ${JSON.stringify(agent.slice(0, 100))}.`, {
    code: 'not_for_visitors',
    hint: `To allow it: app.handler({ owner, agents: [${offered.join(', ')}] })`,
  })
}

/** The problem of a step whose goal went wrong. */
export function goalFailed(agent: string, goal: string, { status, problem }: GoalReply): Problem {
  const why = problem ? `: ${problem.message}` : ''
  return {
    code: status === 'cancelled' ? 'agent_cancelled' : 'agent_failed',
    name: 'TerminalError',
    message: `the agent ${agent} ${status === 'cancelled' ? 'was cancelled' : 'failed'} (${goal})${why}`,
    ...(problem?.hint !== undefined && { hint: problem.hint }),
    terminal: true,
  }
}
