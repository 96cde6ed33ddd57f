import { resolve } from 'node:path'
import { InvalidError } from '../../../errors.ts'
import { runRef } from '../../../house/actors.ts'
import type { Json } from '../../../kernel/json.ts'
import { nameOf } from '../../../kernel/ref.ts'
import { type FileRef, isFileId } from '../../../lib/media/file-ref.ts'
import { ownerField } from '../../../lib/owner.ts'
import type { Compiler } from '../../../pipeline/room/compile/compiler.ts'
import type { Blobs } from '../../../store/blobs/blobs.ts'
import { checkContext, invalidContext, storeContext, type WorkFor, withRules } from '../../../work/origin/call-for.ts'
import { type AgentOrder, type OrderGoal, pathTo } from '../../../work/origin/goal-origin.ts'
import { checkOrder, type GoalRequest } from '../../goal/start/request.ts'
import { passedDown, startMessage } from '../../goal/start/start-message.ts'
import { definitionOfStep } from '../../goal/start/step-agent.ts'
import type { GoalStart } from '../../protocol/messages.ts'
import type { ProjectAgents } from '../agents/code-agents.ts'
import { storePlaybooks } from '../agents/store-playbooks.ts'
import type { ReadAgent } from '../agents/stored-agents.ts'
import { namedFiles, resolveFiles, type StoredFiles } from '../message-files.ts'

export type FirstMessageParts = {
  readonly values: Blobs
  /** Why new goals wait; empty: they need not. */
  whyDegraded(): Promise<string>
  readonly compiler: Compiler
  /** the project folder, which playbooks lie in */
  readonly folder: string
  /** The definition of an agent for a goal with that text. */
  readonly readAgent: ReadAgent
  readonly agents: Pick<ProjectAgents, 'fitContext' | 'rulesOf'>
  /** the names of the rules around all work of this process */
  readonly rules: readonly string[]
  /** The stored files of owners. */
  files(): StoredFiles
  /** Closes files to changes by calls of models: goals follow them. */
  closeFiles(paths: readonly string[]): void
}

/** Writes the first message of a goal, and stores its definition. */
export type FirstMessage = (request: GoalRequest, granted?: readonly string[], above?: WorkFor) => Promise<GoalStart>

/** The first messages of goals: for callers, and for steps and agents that order a goal. */
export function createFirstMessages(parts: FirstMessageParts): {
  readonly firstMessage: FirstMessage
  readonly orderGoal: OrderGoal
} {
  const { values, whyDegraded, compiler, folder, readAgent, files, closeFiles } = parts

  const firstMessage: FirstMessage = async (request, granted, above) => {
    const { context, workFor } = await contextForGoal(request, above, parts)
    const agent = await readAgent(request.agent, request.goal, { ...ownerField(request.owner), context })
    if (agent.playbook !== undefined) closeFiles([resolve(folder, agent.playbook)])
    const playbooks = await storePlaybooks(agent, { compiler, values, folder })
    const hold = await whyDegraded()
    const ruled = withRules(workFor, parts.agents.rulesOf(request.agent))
    const given = Object.keys(ruled).length > 0 && { workFor: ruled }
    return startMessage(values, agent, { ...request, ...given, playbooks, hold, ...(granted && { granted }) })
  }

  async function filesOf({ files: named, parent, origin: { owner } }: AgentOrder): Promise<readonly FileRef[]> {
    if (!named || !('run' in parent)) return []
    const wrong = named.find((one) => typeof one === 'string' && !isFileId(one))
    if (wrong !== undefined)
      throw new InvalidError(`Expected the ids of stored files, got ${JSON.stringify(wrong).slice(0, 200)}.`)
    return resolveFiles(files(), namedFiles(named).stored, { owner, use: nameOf(runRef(parent.run)) })
  }

  const orderGoal: OrderGoal = async (order) => {
    const { agent, goal, parent, origin } = order
    const path = pathTo(agent, origin.ancestry)
    const isOfStep = typeof agent !== 'string'
    checkOrder(agent, goal)
    const refs = await filesOf(order)
    const message = await firstMessage(
      { agent: isOfStep ? definitionOfStep(agent, origin) : agent, goal, ...ownerField(origin.owner) },
      origin.granted,
      origin.workFor ?? {},
    )
    return {
      ...message,
      ...passedDown(origin, parent, path),
      ...(message.workFor && { workFor: message.workFor }),
      ...(refs.length > 0 && { files: [...refs] }),
      ...(isOfStep && { ofStep: true, ...(origin.foreign && { foreign: true }) }),
    }
  }

  return { firstMessage, orderGoal }
}

type Parts = Pick<FirstMessageParts, 'values' | 'agents' | 'rules'>

/**
 * The context of a new goal: stored here, or as the work above has it.
 * @throws InvalidError `invalid_context` for one that is not JSON, is too large, or does not fit the agent
 */
async function contextForGoal(
  { agent, context }: Pick<GoalRequest, 'agent' | 'context'>,
  above: WorkFor | undefined,
  { values, agents: { fitContext }, rules }: Parts,
): Promise<{ readonly context: Json | undefined; readonly workFor: WorkFor }> {
  if (above === undefined) {
    const fit = await fitContext(agent, context === undefined ? undefined : checkContext(context))
    return { context: fit, workFor: {}, ...(await storeContext(values, fit, rules)) }
  }
  const passed = above.context === undefined ? undefined : await values.get(above.context)
  await fitContext(agent, passed).catch(() => Promise.reject(unfit()))
  return { context: passed, workFor: above }
}

/** A model may read this error: it says nothing about the context. */
const unfit = () => invalidContext('the context of the work above does not fit this agent')
