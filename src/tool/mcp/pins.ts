import { createHash } from 'node:crypto'
import { NotFoundError, TerminalError } from '../../errors.ts'
import { isJsonObject, type Json } from '../../kernel/json.ts'
import { ownValue } from '../../lib/own.ts'
import { nearestWord } from '../../lib/suggest.ts'
import { plainText } from './settings.ts'

/** A tool of a server as it was seen. The schemas are JSON Schemas of an object. */
export type ToolPin = {
  readonly description: string
  readonly input: Json
  readonly output?: Json
}

/** The tools of a server, by name. */
export type ServerPins = { readonly [tool: string]: ToolPin }

/** A tool as a server describes it. */
type OfferedTool = {
  readonly name: string
  readonly description?: unknown
  readonly inputSchema?: unknown
  readonly outputSchema?: unknown
}

const TOOL_NAME = /^[\w./-]{1,128}$/
const MAX_TOOLS = 1000
const MAX_PIN_CHARACTERS = 2_000_000

/** Pins of the tools that a server offers. `leftOut`: names that no step could write. */
export function pinsOf(
  server: string,
  tools: readonly OfferedTool[],
): { readonly pins: ServerPins; readonly leftOut: readonly string[] } {
  const canBeWritten = ({ name }: OfferedTool) => TOOL_NAME.test(name) && name !== '__proto__'
  const pins = Object.fromEntries(
    tools
      .filter(canBeWritten)
      .map((tool) => [tool.name, pinOf(tool)] as const)
      .sort(([a], [b]) => (a < b ? -1 : 1)),
  )
  if (tools.length > MAX_TOOLS || JSON.stringify(pins).length > MAX_PIN_CHARACTERS)
    throw new TerminalError(
      `The MCP server ${server} offers more tools, or longer descriptions, than antiphon takes.`,
      {
        code: 'response_too_large',
        hint: `The limit is ${MAX_TOOLS} tools of ${MAX_PIN_CHARACTERS} characters together.`,
      },
    )
  return { pins, leftOut: tools.filter((tool) => !canBeWritten(tool)).map(({ name }) => name) }
}

/** The notice about tools that cannot be called. */
export function leftOutText(server: string, names: readonly string[]): string {
  const some = names.slice(0, 10).map((name) => JSON.stringify(plainText(name, 140)))
  const more = names.length > some.length ? ` and ${names.length - some.length} more` : ''
  return `Tools of the MCP server ${server} that cannot be called here: ${some.join(', ')}${more}. A name has up to 128 letters, digits and the signs _ . / -`
}

/** A tool without a schema takes any parameters. */
function pinOf({ description, inputSchema, outputSchema }: OfferedTool): ToolPin {
  return {
    description: typeof description === 'string' ? description : '',
    input: isJsonObject(inputSchema as Json) ? plainJson(inputSchema) : { type: 'object' },
    ...(isJsonObject(outputSchema as Json) && { output: plainJson(outputSchema) }),
  }
}

const plainJson = (value: unknown) => JSON.parse(JSON.stringify(value)) as Json

export const pinIn = (pins: ServerPins | undefined, tool: string): ToolPin | undefined =>
  pins && Object.hasOwn(pins, tool) ? pins[tool] : undefined

/** A digest of JSON, the same for the same fields in any order. */
export const digestOf = (value: unknown): string => createHash('sha256').update(canonical(value)).digest('hex')

/** JSON text with sorted keys. */
function canonical(value: unknown): string {
  return JSON.stringify(value, (_, item: unknown) =>
    isJsonObject(item) ? Object.fromEntries(Object.entries(item).sort(([a], [b]) => (a < b ? -1 : 1))) : item,
  )
}

const MAX_LINES = 20

/** How a tool differs from its pin, a line per place; empty: it does not. */
export function pinDifference(pin: ToolPin, offered: ToolPin): readonly string[] {
  const lines = [...differences(pin as Json, offered as Json, '')]
  return lines.length > MAX_LINES ? [...lines.slice(0, MAX_LINES), `and ${lines.length - MAX_LINES} more`] : lines
}

function* differences(before: Json | undefined, after: Json | undefined, path: string): Generator<string> {
  if (canonical(before ?? null) === canonical(after ?? null) && (before === undefined) === (after === undefined)) return
  if (isJsonObject(before) && isJsonObject(after)) {
    for (const key of new Set([...Object.keys(before), ...Object.keys(after)]))
      yield* differences(ownValue(before, key), ownValue(after, key), path === '' ? key : `${path}.${key}`)
    return
  }
  yield `${plainText(path, 200)}: ${shown(before)} → ${shown(after)}`
}

const shown = (value: Json | undefined) => (value === undefined ? 'absent' : plainText(JSON.stringify(value), 300))

/** The changes between all pins of a server, a line per place. */
export function pinsDifference(before: ServerPins, after: ServerPins): readonly string[] {
  return [...new Set([...Object.keys(before), ...Object.keys(after)])].sort().flatMap((tool) => {
    const [old, now] = [pinIn(before, tool), pinIn(after, tool)]
    if (!old) return [`${tool}: new`]
    if (!now) return [`${tool}: gone`]
    return pinDifference(old, now).map((line) => `${tool}: ${line}`)
  })
}

/** Throws unless a server offers the tool as it was pinned in that file. */
export function checkPin(
  name: string,
  tool: string,
  { pinned, offered }: { readonly pinned: ServerPins; readonly offered: ServerPins },
  file: string,
): void {
  const pin = pinIn(pinned, tool)
  const now = pinIn(offered, tool)
  const again = `Look at it, and if it is right: antiphon mcp trust ${name}`
  if (!pin && now)
    throw new TerminalError(`${name}:${tool} is new: it is not pinned in ${file}.`, {
      code: 'mcp_tool_changed',
      hint: again,
    })
  if (!pin) {
    const near = nearestWord(tool, Object.keys(offered))
    throw new NotFoundError(`The MCP server ${name} has no tool ${tool}.`, {
      code: 'unknown_tool',
      hint: near === undefined ? `To list them: antiphon mcp tools ${name}` : `Did you mean ${near}?`,
    })
  }
  const lines = now ? pinDifference(pin, now) : ['the server offers it no longer']
  if (lines.length > 0)
    throw new TerminalError(`${name}:${tool} is not what was pinned in ${file}:\n  ${lines.join('\n  ')}`, {
      code: 'mcp_tool_changed',
      hint: again,
    })
}
