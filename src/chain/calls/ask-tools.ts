import { InvalidError } from '../../errors.ts'
import { ownerField } from '../../lib/owner.ts'
import { nearestWord } from '../../lib/suggest.ts'
import type { AskWork } from '../../thread/protocol/ask-state.ts'
import type { AskMessage } from '../../thread/protocol/messages.ts'
import type { Tool } from '../../tool/tool.ts'
import { type Toolbox, toolsNamed } from '../../tool/toolbox.ts'
import { FOREIGN_TOOL_NAMES, toolsOfName } from '../../work/tools/tool-names.ts'
import type { CallServices } from '../protocol/calls.ts'

/** The tools that an ask names, whether it searches the web, and its owner. */
export function callWork(
  message: Pick<AskMessage, 'tools' | 'quick' | 'web' | 'owner'>,
  services: CallServices | undefined,
): Pick<AskWork, 'tools' | 'web' | 'owner'> {
  const { names, ...origin } = message.tools ?? {}
  // Action, which calls them, has no part in a quick ask
  if (message.quick && names?.length)
    throw new InvalidError('A quick ask calls no tools.', { place: { path: 'tools' } })
  const tools = { ...origin, ...(names && { names: services ? toolNames(names, services.toolbox) : [] }) }
  const web = message.web ?? (services?.searches ? true : undefined)
  return { ...(message.tools && { tools }), ...(web !== undefined && { web }), ...ownerField(message.owner) }
}

/** The names of our tools for names that agents use. InvalidError `unknown_tool` for a name without a tool. */
export function toolNames(names: readonly string[], toolbox: Toolbox, path = 'tools'): readonly string[] {
  const at = (place: number) => (path === 'tools' ? path : `${path}.${place}`)
  return [...new Set(names.flatMap((name, place) => toolsFor(name, toolbox, at(place))).map(({ name }) => name))]
}

/** The tools that a name stands for, also one of another product. */
function toolsFor(name: string, toolbox: Toolbox, path: string): readonly Tool[] {
  const found = (toolsOfName(name) ?? [name]).flatMap((one) => toolsNamed(one, toolbox))
  if (found.length > 0) return found
  const near = nearestWord(name, [
    ...FOREIGN_TOOL_NAMES,
    ...toolbox.names(),
    ...toolbox.list().map((tool) => tool.name),
  ])
  const hint = near === undefined ? 'To list all tools: antiphon tools list' : `Did you mean ${near}?`
  throw unknownTool(`there is no tool ${name}`, path, hint)
}

const unknownTool = (message: string, path: string, hint?: string) =>
  new InvalidError(path === 'tools' ? message : `\`${path}\`: ${message}`, {
    code: 'unknown_tool',
    place: { path },
    ...(hint && { hint }),
  })
