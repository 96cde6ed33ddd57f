import { z } from 'zod'
import { findAgentFile, listAgents } from '../../../agent/room/files/agent-files.ts'
import type { McpServing } from '../../../config/mcp-serving.ts'
import { is } from '../../../errors.ts'
import { parse } from '../../../kernel/schema.ts'
import { showOnOneLine } from '../../../lib/unseen.ts'
import { MAX_GOAL_CHARACTERS } from '../../../work/text-limits.ts'
import type { McpCaller } from '../caller.ts'
import type { Offer } from './offers.ts'
import { checkServedAgent } from './served-files.ts'

const input = z.strictObject({
  goal: z.string().min(1).max(MAX_GOAL_CHARACTERS).describe('what the agent is to do, in words'),
})

/** An agent of the project. A call gives it a goal, and its answer is the result. */
export function agentOffer({ client }: McpCaller, name: string, serving: McpServing): Offer {
  const { project } = serving
  return {
    describe: async () => ({
      name: `agent:${name}`,
      description: (await descriptionOf(name, project)) || `Gives a goal to the agent ${name}.`,
      inputSchema: z.toJSONSchema(input) as { type: 'object' },
    }),
    async call(given, { id }) {
      const { goal } = await parse(input, given, 'arguments')
      await checkServedAgent(name, serving)
      const started = await client.goals.start({ agent: name, goal, id: `goal_${id}` })
      return { work: { kind: 'goal', id: started.id } }
    },
  }
}

async function descriptionOf(name: string, project: string): Promise<string | undefined> {
  try {
    const file = await findAgentFile(name, project)
    return (await listAgents(project)).find((agent) => agent.file === file)?.description
  } catch (error) {
    if (is(error, 'NotFoundError')) notice(`${error.message} \`mcp: serve:\` in antiphon.yaml names agent:${name}.`)
    throw error
  }
}

const noticed = new Set<string>()

/** Tells people of the process; the same line once. */
function notice(line: string): void {
  if (noticed.size === noticed.add(line).size) return
  process.emitWarning(showOnOneLine(line), { code: 'ANTIPHON_MCP' })
}
