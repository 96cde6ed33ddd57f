import { TerminalError } from '../../errors.ts'
import type { Tool } from '../../tool/tool.ts'
import { isBuiltIn, type Toolbox, toolsNamed } from '../../tool/toolbox.ts'

/**
 * Tools of the program: all that do not come with this package, in code, in plugins and of MCP servers. They act for
 * the operator, so a text that came from the network may name none of them unless the operator has opened it.
 */

/**
 * Whether a text from the network may not name a tool: it belongs to the program and is not open. `open`: the names of
 * tools that the operator has opened to the network.
 */
export const isClosedToTexts = (tool: Tool, open: readonly string[]): boolean =>
  !isBuiltIn(tool) && !open.includes(baseOf(tool))

/** The error for a tool of the program that a text from the network names. `place`: where it names the tool. */
export function closedToTexts(tool: Tool, place?: string): TerminalError {
  const message = `${tool.name} is a tool of the program: ${FOREIGN_TEXT} may not call it.`
  return new TerminalError(place === undefined ? message : `${place}: ${message}`, {
    code: 'tool_closed',
    hint: openingHint(tool),
  })
}

/** The words for a text that came from the network. */
const FOREIGN_TEXT = 'a pipeline, a call or an agent from the network'

/** The line that opens a tool to the network. */
export const openingHint = (tool: Tool): string =>
  `To allow it, add it in antiphon.yaml: serve: { tools: [${baseOf(tool)}] }`

const baseOf = ({ name }: Tool) => name.split(':')[0]!

/** The tools of a process, and the names of those that are open to the network. */
export type OfferedTools = { readonly toolbox: Toolbox; readonly openTools: readonly string[] }

/** @throws TerminalError `tool_closed` for the first of these names that a text from the network may not name */
export function checkOpenNames(names: readonly string[], { toolbox, openTools }: OfferedTools, place: string): void {
  const closed = names.flatMap((name) => toolsNamed(name, toolbox)).find((tool) => isClosedToTexts(tool, openTools))
  if (closed) throw closedToTexts(closed, place)
}
