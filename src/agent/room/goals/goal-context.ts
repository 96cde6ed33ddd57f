import type { Json } from '../../../kernel/schema.ts'
import type { Blobs } from '../../../store/blobs/blobs.ts'
import { checkContext, invalidContext, storeContext, type WorkFor } from '../../../work/origin/call-for.ts'
import type { ProjectAgents } from '../agents/code-agents.ts'
import type { GoalRequest } from './port.ts'

type Parts = { readonly values: Blobs; readonly fitContext: ProjectAgents['fitContext'] }

/**
 * The context of a new goal: stored here, or as the work above has it.
 * @throws InvalidError `invalid_context` for one that is not JSON, is too large, or does not fit the agent
 */
export async function contextForGoal(
  { agent, context }: Pick<GoalRequest, 'agent' | 'context'>,
  above: WorkFor | undefined,
  { values, fitContext }: Parts,
): Promise<{ readonly context: Json | undefined; readonly workFor?: WorkFor }> {
  if (above === undefined) {
    const fit = await fitContext(agent, context === undefined ? undefined : checkContext(context))
    return { context: fit, ...(await storeContext(values, fit)) }
  }
  const passed = above.context === undefined ? undefined : await values.get(above.context)
  await fitContext(agent, passed).catch(() => Promise.reject(unfit()))
  return { context: passed }
}

/** A model may read this error: it says nothing about the context. */
const unfit = () => invalidContext('the context of the work above does not fit this agent')
