import { z } from 'zod'
import { InvalidError } from '../../errors.ts'
import type { Json, Schema } from '../../kernel/schema.ts'
import { type AskingTool, QuestionError, type ToolAnswers, ToolWaitError } from '../question.ts'
import { attachSchemas, type ObjectSchema, outputSchemaOf } from '../schema.ts'
import { servicesOf } from '../services.ts'
import { type Tool, type ToolContext, ToolFailure } from '../tool.ts'
import { findClash, type OpenTool } from '../toolbox.ts'
import { questionOfServer, responsesTo } from './elicitation.ts'
import type { ServerPins, ToolPin } from './pins.ts'
import type { McpServer, ServerAnswer } from './port.ts'
import { mcpResult, resultOf } from './result.ts'
import { effectOf, type McpServerSettings, type McpSettings, plainText } from './settings.ts'

/**
 * The tools of servers by their pins: `SERVER:TOOL`. A server without pins has the tools that `effects` names, and one open tool for all
 * others. InvalidError for a server of antiphon.yaml that has the name of a tool in `taken`; one of .mcp.json then has no tools by name.
 */
export function mcpTools(
  settings: McpSettings,
  pinned: { readonly [server: string]: ServerPins },
  taken: readonly Tool[],
): readonly Tool[] {
  const names = taken.map(({ name }) => name)
  return Object.entries(settings).flatMap(([server, one]) => {
    const clash = findClash(server, names) ?? names.find((name) => name.split(':')[0] === server)
    if (clash !== undefined) return refuseClash(server, one, clash)
    if (!SERVER_NAME.test(server)) return []
    const pins = Object.hasOwn(pinned, server) ? pinned[server]! : undefined
    return pins
      ? Object.entries(pins).map(([tool, pin]) => pinnedTool(server, tool, pin, one))
      : [...unpinnedTools(server, one), openTool(server, one)]
  })
}

const SERVER_NAME = /^[A-Za-z][\w-]*$/

function refuseClash(server: string, { from }: McpServerSettings, clash: string): readonly Tool[] {
  // a file of other products may name a server as it likes: mcp-server:execute_tool still reaches it
  if (from === '.mcp.json') return []
  throw new InvalidError(`the MCP server ${server} has the name of the tool ${clash}`, {
    place: { path: `mcpServers.${server}` },
    hint: 'Give the server another name.',
  })
}

function pinnedTool(server: string, tool: string, pin: ToolPin, settings: McpServerSettings): Tool {
  const made = toolOf(server, tool, settings, plainText(pin.description, 1000) || `The tool ${tool} of ${server}`)
  const input = objectSchema(pin.input)
  return withSchemas(made, input, resultSchema(pin.output))
}

const unpinnedTools = (server: string, settings: McpServerSettings) =>
  typeof settings.effects === 'object'
    ? Object.keys(settings.effects).map((tool) => toolOf(server, tool, settings, describedOpen(server)))
    : []

const describedOpen = (server: string) =>
  `A tool of the MCP server ${server}, which antiphon has not seen yet (antiphon mcp tools ${server})`

function openTool(server: string, settings: McpServerSettings): OpenTool {
  const any = toolOf(server, '*', settings, describedOpen(server))
  return { ...any, named: (tool) => toolOf(server, tool, settings, any.description) }
}

const anything: Schema<{ readonly [name: string]: Json }> = z.record(z.string(), z.json() as never)

function toolOf(server: string, tool: string, settings: McpServerSettings, description: string): AskingTool {
  const effect = effectOf(settings.effects, tool)
  return {
    name: `${server}:${tool}`,
    description,
    input: anything,
    output: mcpResult,
    effect,
    // a server reaches everything that its program or its keys reach
    reach: 'machine',
    execute: (input: ToolInput, context: ToolContext) =>
      callServerTool({ server, tool, input, effect, folder: settings.files }, context),
    answer: (input: ToolInput, state: Json, answers: ToolAnswers, context: ToolContext) =>
      callServerTool({ server, tool, input, effect, folder: settings.files, answer: { state, answers } }, context),
  }
}

type ToolInput = { readonly [name: string]: Json }

/** A call of a tool of a server. `folder`: where pictures, sound and files go. */
export type ServerToolCall = {
  readonly server: string
  readonly tool: string
  readonly input: { readonly [name: string]: Json }
  readonly effect: Tool['effect']
  readonly folder: string | undefined
  /** continues a call that asked a person */
  readonly answer?: { readonly state: Json; readonly answers: ToolAnswers }
}

/** Calls a tool of a server; a QuestionError when it asks a person, and a ToolFailure with the same fields when the tool reports a failure. */
export async function callServerTool(call: ServerToolCall, context: ToolContext) {
  const { server, tool, input, effect, folder, answer: said } = call
  const { signal, idempotencyKey } = context
  const at = (await servicesOf(context).mcp()).find(server)
  const known = said && taskOf(said.state)
  const answer =
    known === undefined
      ? await at.call(tool, input, {
          ...{ signal, idempotencyKey, effect },
          ...(said && { answer: responsesTo(said.state, said.answers) }),
        })
      : await lookAt(at, known, said!, signal)
  if (answer.task) throw new ToolWaitError({ state: { task: answer.task.id }, delay: answer.task.delay })
  const question = questionOfServer(`${server}:${tool}`, answer, known)
  if (question) throw new QuestionError(question)
  const result = await resultOf(answer, { folder, context })
  if (answer.isError) throw new ToolFailure(complaintOf(`${server}:${tool}`, answer, result.text), { result })
  return result
}

/** The task that a call has become; undefined for a call that asked by itself. */
const taskOf = (state: Json) => (state as { readonly task?: string }).task

/** Looks at the task of a call. A person has answered first, unless nobody was asked. */
async function lookAt(
  server: McpServer,
  task: string,
  { state, answers }: NonNullable<ServerToolCall['answer']>,
  signal: AbortSignal,
): Promise<ServerAnswer> {
  const hasAsked = 'requests' in (state as object)
  const look = await server.task(task, {
    signal,
    ...(hasAsked && { responses: responsesTo(state, answers).responses }),
  })
  if ('delay' in look) throw new ToolWaitError({ state: { task }, delay: look.delay })
  return look.answer
}

function complaintOf(name: string, { refused }: ServerAnswer, text: string): string {
  const asked =
    refused === undefined ? '' : ` (the server asked for ${plainText(refused, 100)}, which antiphon refuses)`
  return `${name} reports a failure: ${plainText(text) || 'it does not say which'}${asked}`
}

// schemas

/** The tool with checks by these schemas, as far as they can be checked. */
function withSchemas(tool: Tool, input: ObjectSchema, output: ObjectSchema): Tool {
  let checked: Schema<unknown> | undefined
  const made: Tool = {
    ...tool,
    // made at first use: a server may have hundreds of tools
    get input() {
      checked ??= checkOf(input)
      return checked
    },
  }
  attachSchemas(made, { input: isCheckable(input) ? input : OPEN, output })
  return made
}

const OPEN: ObjectSchema = { type: 'object', additionalProperties: true }

const isCheckable = (schema: ObjectSchema) => checkOf(schema) !== anything

function checkOf(schema: ObjectSchema): Schema<unknown> {
  try {
    return z.fromJSONSchema(schema as Parameters<typeof z.fromJSONSchema>[0]) as never
  } catch {
    // a keyword that zod does not know: the server checks
    return anything
  }
}

/** The JSON Schema of an object without patterns: a pattern of a stranger may take exponential time. */
function objectSchema(schema: Json): ObjectSchema {
  const plain = withoutPatterns(schema) as ObjectSchema
  return typeof plain === 'object' && plain !== null && plain.type === 'object' ? plain : OPEN
}

const LEFT_TO_SERVER = ['pattern', 'patternProperties', 'format', '$schema']

function withoutPatterns(schema: Json, isNames = false): Json {
  if (typeof schema !== 'object' || schema === null) return schema
  if (Array.isArray(schema)) return schema.map((item) => withoutPatterns(item as Json))
  return Object.fromEntries(
    Object.entries(schema)
      .filter(([key]) => isNames || !LEFT_TO_SERVER.includes(key))
      .map(([key, value]) => [key, withoutPatterns(value as Json, !isNames && NAMED_BY_AUTHOR.includes(key))]),
  )
}

/** Keywords whose keys are names, not keywords. */
const NAMED_BY_AUTHOR = ['properties', '$defs', 'definitions']

const RESULT = outputSchemaOf({ output: mcpResult } as unknown as Tool) as ObjectSchema

/** The schema of results, with that of the structured content where it stands alone. */
function resultSchema(output: Json | undefined): ObjectSchema {
  const data = output === undefined ? undefined : objectSchema(output)
  if (!data || JSON.stringify(data).includes('"$ref"')) return RESULT
  return { ...RESULT, properties: { ...RESULT.properties, data } }
}
