import type { JsonObject } from '../../kernel/json.ts'
import { MAX_MESSAGE_FILES } from '../../lib/media/file-schema.ts'
import type { ToolOffer } from '../../model/request/request.ts'
import type { Tool } from '../../tool/tool.ts'
import { type Toolbox, toolsNamed } from '../../tool/toolbox.ts'
import { freeName, modelName, offerOf } from '../../work/tools/offers.ts'
import type { AgentDefinition, AgentToAsk } from '../definition/definition.ts'

/** Tools that the goal answers itself. */
export const READ_RESULT = 'read_result'
export const READ_SKILL = 'read_skill'

/** The tool that shows a file again, by the name that models use and by ours. */
export const FILES_SHOW = 'files_show'
export const FILES_SHOW_TOOL = 'files:show'

/** The tool that gives the answer of an agent with an `output`. */
export const FINAL_ANSWER = 'final_answer'
const OWN_NAMES: ReadonlySet<string> = new Set([READ_RESULT, READ_SKILL, FINAL_ANSWER, FILES_SHOW])

/**
 * A tool as the model sees it, and our tool behind it; absent: the goal answers the call itself. `handsOffTo`: a call
 * passes the goal to that agent. `asksAgent`: a call gives another agent a goal.
 */
export type OfferedTool = {
  readonly offer: ToolOffer
  readonly tool?: Tool
  readonly handsOffTo?: string
  readonly asksAgent?: true
}

/**
 * The tools that a definition gives to an agent, in a stable order, by the names that the model uses. `hasFiles`: there
 * are files, and one shows them again.
 */
export function offeredTools(
  { tools, skills, agents = [], output }: Pick<AgentDefinition, 'tools' | 'skills' | 'agents' | 'output'>,
  toolbox: Toolbox,
  hasFiles = false,
): ReadonlyMap<string, OfferedTool> {
  const found = tools
    // a tool without its schema would mislead the model
    .filter((name) => unseenServers([name], toolbox).length === 0)
    .flatMap((name) => toolsNamed(name, toolbox))
  const offered = new Map<string, OfferedTool>()
  const add = (name: string, { offer, ...rest }: OfferedTool) => {
    const free = freeName(name, (plain) => offered.has(plain) || OWN_NAMES.has(plain))
    offered.set(free, { offer: { ...offer, name: free }, ...rest })
  }
  if (output) offered.set(FINAL_ANSWER, { offer: finalAnswerOffer(output) })
  const byName = new Map(found.map((tool) => [tool.name, tool]))
  for (const tool of [...byName.values()].toSorted((one, other) => (one.name < other.name ? -1 : 1)))
    add(tool.name, { tool, offer: offerOf(tool) })
  for (const { name, description } of agents) {
    const tool = toolbox.find('agent', name)
    if (tool)
      add(tool.name, { tool, asksAgent: true, offer: askOffer(offerOf(tool, askText(name, description)), hasFiles) })
  }
  for (const agent of agents) add(`hand_off:${agent.name}`, { offer: handOffOffer(agent), handsOffTo: agent.name })
  offered.set(READ_RESULT, { offer: READ_RESULT_OFFER })
  if (hasFiles) offered.set(FILES_SHOW, { offer: FILES_SHOW_OFFER })
  if (skills.length > 0) offered.set(READ_SKILL, { offer: READ_SKILL_OFFER })
  return offered
}

/** The offer of an agent to ask. It takes files by their ids, where there are any. */
function askOffer(offer: ToolOffer, hasFiles: boolean): ToolOffer {
  const { files: _, ...properties } = offer.schema.properties as JsonObject
  const files = { type: 'array', items: { type: 'string' }, maxItems: MAX_MESSAGE_FILES, description: ASKED_FILES }
  return { ...offer, schema: { ...offer.schema, properties: { ...properties, ...(hasFiles && { files }) } } }
}

const ASKED_FILES =
  'files of this conversation that the agent is to see with the goal, by their ids, which begin with file_'

function askText(name: string, description: string | undefined): string {
  const purpose = description === undefined ? '' : `: ${description}`
  return `Gives a goal to the agent ${name} and waits for its answer${purpose}`
}

/** The servers among names of tools that nobody has connected to yet: their tools are not known. */
export function unseenServers(names: readonly string[], toolbox: Toolbox): readonly string[] {
  return [...new Set(names.flatMap((name) => toolbox.unseenServer(name.split(':', 1)[0]!) ?? []))]
}

function handOffOffer({ name, description }: AgentToAsk): ToolOffer {
  const purpose = description === undefined ? '' : `: ${description}`
  return {
    name: modelName(`hand_off:${name}`),
    description: `Passes the whole goal to the agent ${name}, whose answer becomes the final answer${purpose}. It has to be the only call of its round`,
    schema: {
      type: 'object',
      properties: {
        note: { type: 'string', maxLength: 8000, description: 'what that agent should know besides the goal' },
      },
      additionalProperties: false,
    },
  }
}

function finalAnswerOffer(schema: ToolOffer['schema']): ToolOffer {
  const description = 'Gives the final answer, which ends the work. It has to be the only call of its round'
  return { name: FINAL_ANSWER, description, schema }
}

const READ_RESULT_OFFER: ToolOffer = {
  name: READ_RESULT,
  description: 'Reads a page of a result that was too long to be shown whole',
  schema: {
    type: 'object',
    properties: {
      handle: { type: 'string', description: 'the handle that stands in the shortened result, such as 3.call_1' },
      page: { type: 'integer', minimum: 1, description: 'the first page is 1' },
    },
    required: ['handle', 'page'],
    additionalProperties: false,
  },
}

const READ_SKILL_OFFER: ToolOffer = {
  name: READ_SKILL,
  description: 'Reads the instructions of a skill',
  schema: {
    type: 'object',
    properties: {
      name: { type: 'string' },
      page: { type: 'integer', minimum: 1, description: 'of long instructions; absent: the first page' },
    },
    required: ['name'],
    additionalProperties: false,
  },
}

const FILES_SHOW_OFFER: ToolOffer = {
  name: FILES_SHOW,
  description:
    'Shows a file of this conversation again, alone: one that is no longer shown, or that was refused among others',
  schema: {
    type: 'object',
    properties: { file: { type: 'string', description: 'its name, or its id, which begins with file_' } },
    required: ['file'],
    additionalProperties: false,
  },
}
