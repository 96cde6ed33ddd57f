import { z } from 'zod'
import { isJsonObject, type Json, type JsonObject } from '../../kernel/json.ts'
import type { Schema } from '../../kernel/schema.ts'
import type { TemplateScope } from '../../template/template.ts'
import { parseCondition, parseTemplate, renderTemplate, scopeOf, testCondition } from '../../template/template.ts'
import { badResult, callOf, wordsOf } from '../bad-result.ts'
import type { LookUpTexts } from '../once/call-finding.ts'
import { type AskingTool, QuestionError, type ToolAnswers, ToolWaitError } from '../question.ts'
import { attachSchemas, type ObjectSchema, outputSchemaOf } from '../schema.ts'
import { servicesOf, type Tool, type ToolContext, ToolFailure } from '../tool.ts'
import type { OpenTool } from '../toolbox.ts'
import { checkOfServer } from './check-schema.ts'
import { questionOfServer, responsesTo } from './elicitation.ts'
import type { ServerPins, ToolPin } from './pins.ts'
import type { McpServer, ServerAnswer } from './port.ts'
import { type McpResult, mcpResult, resultOf } from './result.ts'
import { effectOf, type McpServerSettings, type McpSettings, plainText } from './settings.ts'

/**
 * The tools of servers by their pins: `SERVER:TOOL`, or `mcp__SERVER:TOOL` for a server with the name of a tool in
 * `taken`. A server without pins has the tools that `effects` names, and one open tool for all others.
 */
export function mcpTools(
  settings: McpSettings,
  pinned: { readonly [server: string]: ServerPins },
  taken: readonly Tool[],
): readonly Tool[] {
  const owners = new Set(taken.map(({ name }) => plainOwner(name)))
  return Object.entries(settings).flatMap(([server, one]) =>
    SERVER_NAME.test(server)
      ? toolsOfServer(server, one, Object.hasOwn(pinned, server) ? pinned[server] : undefined, owners)
      : [],
  )
}

function toolsOfServer(
  server: string,
  settings: McpServerSettings,
  pins: ServerPins | undefined,
  taken: ReadonlySet<string>,
): readonly Tool[] {
  const owner = ownerOfServer(server, taken)
  return pins
    ? Object.entries(pins).map(([tool, pin]) => pinnedTool({ server, owner, tool, settings }, pin))
    : [...unpinnedTools(server, owner, settings), openTool(server, owner, settings)]
}

const SERVER_NAME = /^[A-Za-z][\w-]*$/

/** Names that mean no tool of a toolbox, but are a tool in the file of an agent. */
const RESERVED: readonly string[] = ['hand_off']

/** Some places write a tool with `_` for `-`. */
const plainOwner = (name: string) => name.split(':', 1)[0]!.toLowerCase().replaceAll('_', '-')

/** No tool of ours, or of a plugin, may ever be taken for one of a server. */
function ownerOfServer(server: string, taken: ReadonlySet<string>): string {
  const isFree = !taken.has(plainOwner(server)) && !RESERVED.includes(server) && !server.startsWith('mcp__')
  return isFree ? server : `mcp__${server}`
}

/** A tool of a server, and the name under which the tools of the server lie. */
type ToolOfServer = {
  readonly server: string
  readonly owner: string
  readonly tool: string
  readonly settings: McpServerSettings
}

function pinnedTool(of: ToolOfServer, pin: ToolPin): Tool {
  const made = toolOf(of, plainText(pin.description, 1000) || `The tool ${of.tool} of ${of.server}`)
  return withSchemas(made, objectSchema(pin.input), resultSchema(pin.output))
}

const unpinnedTools = (server: string, owner: string, settings: McpServerSettings) =>
  typeof settings.effects === 'object'
    ? Object.keys(settings.effects).map((tool) => toolOf({ server, owner, tool, settings }, describedOpen(server)))
    : []

const describedOpen = (server: string) =>
  `A tool of the MCP server ${server}, which antiphon has not seen yet (antiphon mcp tools ${server})`

function openTool(server: string, owner: string, settings: McpServerSettings): OpenTool {
  const any = toolOf({ server, owner, tool: '*', settings }, describedOpen(server))
  return { ...any, named: (tool) => toolOf({ server, owner, tool, settings }, any.description) }
}

const anything: Schema<{ readonly [name: string]: Json }> = z.record(z.string(), z.json() as never)

function toolOf({ server, owner, tool, settings }: ToolOfServer, description: string): AskingTool {
  const effect = effectOf(settings.effects, tool)
  const name = `${owner}:${tool}`
  const call = { name, server, tool, effect, folder: settings.files }
  const { lookUp = {} } = settings
  const by = Object.hasOwn(lookUp, tool) ? lookUp[tool] : undefined
  return {
    name,
    description,
    input: anything,
    output: mcpResult,
    effect,
    server,
    // a server reaches everything that its program or its keys reach
    reach: 'machine',
    ...(by && { lookedUpBy: { ...by, ...LOOK_UP_TEXTS, tool: `${owner}:${by.tool}` } }),
    execute: (input: JsonObject, context: ToolContext) => callServerTool({ ...call, input }, context),
    answer: (input: JsonObject, state: Json, answers: ToolAnswers, context: ToolContext) =>
      callServerTool({ ...call, input, answer: { state, answers } }, context),
  }
}

/** A call of a tool of a server. `folder`: where pictures, sound and files go. */
export type ServerToolCall = {
  /** the name of the tool, as people write it; absent: `SERVER:TOOL` */
  readonly name?: string
  readonly server: string
  readonly tool: string
  readonly input: { readonly [name: string]: Json }
  readonly effect: Tool['effect']
  readonly folder: string | undefined
  /** continues a call that asked a person */
  readonly answer?: { readonly state: Json; readonly answers: ToolAnswers }
}

/** Calls a server's tool; QuestionError when it asks a person, ToolFailure with its fields when it reports one. */
export async function callServerTool(call: ServerToolCall, context: ToolContext) {
  const { server, tool, name = `${server}:${tool}`, input, effect, folder, answer: said } = call
  const { signal, idempotencyKey } = context
  const at = (await servicesOf(context).mcp()).find(server)
  const known = said && taskOf(said.state)
  const answer =
    known === undefined
      ? await at.call(tool, input, {
          signal,
          idempotencyKey,
          effect,
          ...(said && { answer: responsesTo(said.state, said.answers) }),
        })
      : await lookAt(at, known, said!, signal)
  if (answer.task) throw new ToolWaitError({ state: { task: answer.task.id }, delay: answer.task.delay })
  const question = questionOfServer(name, answer, known)
  if (question) throw new QuestionError(question)
  const result = await resultOf(answer, { folder, context }).catch((error) => {
    if (answer.isError || signal.aborted) throw error
    throw badResult(callOf({ name }), wordsOf(error))
  })
  if (answer.isError) throw new ToolFailure(complaintOf(name, answer, result), { result })
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

const MAX_COMPLAINT = 2000

const withoutSpace = (text: string) => text.replaceAll(/\s+/g, '')

/** The failure in the words of the server: its texts and its structured content. */
function complaintOf(name: string, { refused }: ServerAnswer, { text, data, content }: McpResult): string {
  const texts = [text, ...content.map((part) => part.text ?? '')].filter((one) => one !== '').join(' ')
  const structured = data === null ? '' : JSON.stringify(data)
  // most servers write it into their text as well
  const isSaid = withoutSpace(texts).includes(withoutSpace(structured))
  const said = [texts, isSaid ? '' : structured]
    .map((one) => plainText(one, MAX_COMPLAINT))
    .join(' ')
    .trim()
  const asked =
    refused === undefined ? '' : ` (the server asked for ${plainText(refused, 100)}, which antiphon refuses)`
  return `${name} reports a failure: ${said || 'it does not say which'}${asked}`
}

// schemas

/** The tool with its server's schemas: model and compiler get them as they are, calls are checked where possible. */
function withSchemas(tool: Tool, input: ObjectSchema, output: ObjectSchema): Tool {
  const made: Tool = { ...tool, input: checkOfServer(input as Json) }
  attachSchemas(made, { input, output })
  return made
}

const OPEN: ObjectSchema = { type: 'object', additionalProperties: true }

const objectSchema = (schema: Json): ObjectSchema => (isJsonObject(schema) ? (schema as ObjectSchema) : OPEN)

const RESULT = outputSchemaOf({ output: mcpResult } as unknown as Tool) as ObjectSchema

/** The schema of results, with that of the structured content where it stands alone. */
function resultSchema(output: Json | undefined): ObjectSchema {
  const data = output === undefined ? undefined : objectSchema(output)
  if (!data || JSON.stringify(data).includes('"$ref"')) return RESULT
  return { ...RESULT, properties: { ...RESULT.properties, data } }
}

/** The texts of a look-up in the settings of a server: they see its names alone. */
const LOOK_UP_TEXTS: LookUpTexts = {
  value: (template, names) => rendered(template, scopeOf(names)),
  holds: (condition, names) => testCondition(parseCondition(condition), scopeOf(names)),
}

function rendered(value: Json, scope: TemplateScope): Json {
  if (typeof value === 'string') return (renderTemplate(parseTemplate(value), scope) ?? null) as Json
  if (Array.isArray(value)) return value.map((one: Json) => rendered(one, scope))
  if (!isJsonObject(value)) return value
  return Object.fromEntries(Object.entries(value).map(([key, one]) => [key, rendered(one!, scope)]))
}
