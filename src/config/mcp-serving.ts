import { resolve } from 'node:path'
import type { Config } from './config.ts'

/** The tools, agents and pipelines that antiphon offers over the Model Context Protocol. */
export type McpServing = {
  /** names of tools */
  readonly tools: readonly string[]
  /** names of agents of the project */
  readonly agents: readonly string[]
  /** files of pipelines, absolute */
  readonly pipelines: readonly string[]
  /** the folder of antiphon.yaml, from which pipelines may include files */
  readonly project: string
  /** the folder of the key that signs what clients keep */
  readonly keyFolder: string
}

/** The offer of a configuration: names of YAML files are pipelines, `agent:NAME` is an agent, all else is a tool. */
export function mcpServing({ mcp, folder, data, restate }: Pick<Config, 'mcp' | 'folder' | 'data' | 'restate'>) {
  const names = mcp?.serve ?? []
  const shared = restate?.shared
  const serving: McpServing = {
    tools: names.filter((name) => !isPipeline(name) && !name.startsWith(AGENT)),
    agents: names.filter((name) => name.startsWith(AGENT)).map((name) => name.slice(AGENT.length)),
    pipelines: names.filter(isPipeline).map((file) => resolve(folder, file)),
    project: folder,
    // nodes that share a folder know what each other signed
    keyFolder: shared === undefined || shared.includes('://') ? data : shared,
  }
  return serving
}

const isPipeline = (name: string) => /\.ya?ml$/i.test(name)
const AGENT = 'agent:'
