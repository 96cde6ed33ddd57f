import { errorOf, problemOf } from '../../errors.ts'
import { checkOffers, lackOfOffer } from '../../model/offer/tool-offers.ts'
import { acceptableSchema } from '../../model/offer/tool-schema.ts'
import { isCodeTool } from '../../tool/plugin/code-tool.ts'
import type { Toolbox } from '../../tool/toolbox.ts'
import type { AgentDefinition } from '../definition/definition.ts'
import type { AgentFinding } from '../definition/finding.ts'
import { FINAL_ANSWER, offeredTools, unseenServers } from './tool-offers.ts'

/**
 * Finds tools of the program that no provider takes, which are errors, and parts of schemas that models do not get,
 * which are warnings. A tool of a server or a plugin that no provider takes is a warning, too: models get the others.
 */
export function checkToolOffers(agent: AgentDefinition, toolbox: Toolbox, file?: string): readonly AgentFinding[] {
  const at = file === undefined ? {} : { file }
  const offers = Array.from(offeredTools(agent, toolbox).values(), ({ offer, tool }) => ({ offer, tool }))
  const error = faultIn(() =>
    checkOffers(
      offers.map(({ offer }) => offer),
      [FINAL_ANSWER],
    ),
  )
  if (error)
    return [{ severity: 'error', message: error.message, path: 'tools', ...at, hint: error.hint ?? OFFER_HINT }]
  const unseen = unseenServers(agent.tools, toolbox).map(
    (server): AgentFinding => ({
      severity: 'warning',
      message: `the server \`${server}\` is not pinned yet, so its tools are not known. A goal connects to it before its first round`,
      ...at,
      hint: `To see its tools: antiphon mcp tools ${server}`,
    }),
  )
  const partial = offers.flatMap(({ offer, tool }): AgentFinding[] => {
    const acceptable = acceptableSchema(offer.schema)
    const message = lackOfOffer(tool?.name ?? offer.name, acceptable)
    if (message === undefined) return []
    // servers and plugins may declare anything: their other tools are offered
    const isOwn = 'fault' in acceptable && tool !== undefined && isCodeTool(tool)
    return [
      { severity: isOwn ? 'error' : 'warning', message, ...at, ...(isOwn && { path: 'tools', hint: OFFER_HINT }) },
    ]
  })
  return [...unseen, ...partial]
}

/** The number of tools that a model gets from an agent, without tools of servers that are not connected yet. */
export function countTools(agent: AgentDefinition, toolbox: Toolbox): number {
  return [...offeredTools({ ...agent, agents: [] }, toolbox).values()].filter(({ tool }) => tool !== undefined).length
}

const OFFER_HINT = 'Correct the tool, or leave it out. The parameters of a tool are an object.'

function faultIn(check: () => void) {
  try {
    check()
  } catch (error) {
    return errorOf(problemOf(error))
  }
  return undefined
}
