import type { Config } from '../../../config/config.ts'
import { InvalidError } from '../../../errors.ts'
import { nearestWord } from '../../../lib/suggest.ts'
import { isToolNamed, type Tool } from '../../../tool/tool.ts'
import { NO_NEAR_TOOL, type Toolbox } from '../../../tool/toolbox.ts'
import type { Cli } from '../../cli.ts'

/** The configuration where this command runs, and its tools; nothing is opened and no folder is claimed. */
export async function loadLocalTools({
  terminal,
  engine,
}: Cli): Promise<{ readonly config: Config; readonly toolbox: Toolbox }> {
  const [{ loadConfig }, { loadToolbox }] = await Promise.all([
    import('../../../config/config.ts'),
    import('../../../runtime/services/toolbox.ts'),
  ])
  const config = await loadConfig({ folder: terminal.folder, environment: terminal.environment, engine: engine() })
  if (config.app === undefined) return { config, toolbox: await loadToolbox(config) }
  const { readProgram } = await import('../../../http/program/load/read-program.ts')
  const { parts } = await readProgram(config)
  return { config, toolbox: await loadToolbox(config, parts.tools) }
}

/** The tool of a name, or without an operation all of them; InvalidError, with the nearest name, for none. */
export function findTools(toolbox: Toolbox, name: string): readonly Tool[] {
  const found = toolbox.list().filter((tool) => isToolNamed(tool.name, name))
  if (found.length > 0) return found
  throw unknown(`There is no tool ${name}.`, name, [...toolbox.names(), ...toolbox.list().map((tool) => tool.name)])
}

/** The tool that a name and an action mean, as in a step; InvalidError when there is none. */
export function findOperation(toolbox: Toolbox, name: string, action: string | undefined): Tool {
  const found = toolbox.find(name, action)
  if (found) return found
  findTools(toolbox, name)
  const operations = toolbox.operations(name)
  if (action === undefined)
    throw new InvalidError(`${name} has several actions.`, { hint: `Give one: ${operations.join(', ')}.` })
  throw unknown(`${name} has no action ${action}.`, action, operations)
}

function unknown(message: string, given: string, known: readonly string[]): InvalidError {
  const near = nearestWord(given, known)
  const hint = near === undefined ? NO_NEAR_TOOL : `Did you mean ${near}?`
  return new InvalidError(message, { code: 'unknown_tool', hint })
}
