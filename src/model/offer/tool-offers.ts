import type { LanguageModelV4CallOptions } from '@ai-sdk/provider'
import { InvalidError } from '../../errors.ts'
import type { AssistantPart, ToolCall, ToolOffer } from '../request/request.ts'
import { wellFormed } from '../wire/well-formed.ts'
import { withNames } from './parameter-names.ts'
import { acceptableSchema, namesOfSchema } from './tool-schema.ts'

export const MAX_TOOLS = 128

/** The tools as every provider accepts them, without those whose schema none accepts; InvalidError for wrong names. */
export function toolOptions(
  tools: readonly ToolOffer[] = [],
  choice: 'auto' | 'required' | 'none' = 'auto',
): Pick<LanguageModelV4CallOptions, 'tools' | 'toolChoice'> {
  checkOffers(tools)
  const accepted = tools.flatMap((tool) => toProviderTool(tool) ?? [])
  return accepted.length === 0 ? {} : { tools: wellFormed(accepted), toolChoice: { type: choice } }
}

function toProviderTool({ name, description, schema: given }: ToolOffer) {
  const acceptable = acceptableSchema(given)
  if ('fault' in acceptable) return undefined
  const { schema, note } = acceptable
  const inputSchema = schema as object
  return {
    type: 'function' as const,
    name,
    inputSchema,
    description: note === undefined ? description : `${description} ${note}`,
  }
}

/**
 * @throws InvalidError that names the tools: too many, two of one name, a name that no provider accepts, or one that is
 *   needed and has a schema that no provider accepts
 */
export function checkOffers(tools: readonly ToolOffer[], needed: readonly string[] = []): void {
  const names = tools.map(({ name }) => name)
  const twice = names.find((name, at) => names.indexOf(name) !== at)
  if (tools.length > MAX_TOOLS)
    throw new InvalidError(`There are ${tools.length} tools for one model call; at most ${MAX_TOOLS} are allowed.`, {
      hint: 'Give fewer tools: name single operations, or leave some out by disallowedTools.',
    })
  if (twice !== undefined) throw new InvalidError(`Two tools for one model call have the name ${twice}.`)
  for (const { name, schema } of tools) {
    const acceptable = !NAME.test(name) ? ODD_NAME : needed.includes(name) ? acceptableSchema(schema) : {}
    if ('fault' in acceptable)
      throw new InvalidError(`The tool ${name} cannot be offered to a model: ${acceptable.fault}`)
  }
}

const NAME = /^[A-Za-z0-9_-]{1,64}$/
const ODD_NAME = { fault: 'expected a name of at most 64 letters, digits, _ and -' }

/** A finding for each tool that models do not get, or not all of. */
export const lacksOfOffers = (tools: readonly ToolOffer[] = []): readonly string[] =>
  tools.flatMap(({ name, schema }) => lackOfOffer(name, acceptableSchema(schema)) ?? [])

/** Parts of a schema that a sentence names. */
const MAX_PARTS = 5

/** A finding about the part of a tool that models do not get; undefined: they get all of it. */
export function lackOfOffer(tool: string, acceptable: ReturnType<typeof acceptableSchema>): string | undefined {
  if ('fault' in acceptable) return `the tool \`${tool}\` is not offered to models: ${acceptable.fault}`
  if (acceptable.lost.length === 0) return undefined
  const parts = acceptable.lost.slice(0, MAX_PARTS).join(', ')
  return `the schema of the tool \`${tool}\` has parts that providers refuse, so the model does not get them: ${parts}`
}

type Message = { readonly calls: readonly ToolCall[]; readonly said: readonly AssistantPart[] }

/** The message of a model, with the own names of the parameters of each tool. */
export function withOwnNames<Reply extends Message>(reply: Reply, tools: readonly ToolOffer[] = []): Reply {
  const ownOf = (name: unknown) => namesOfSchema(tools.find((tool) => tool.name === name)?.schema).own
  return {
    ...reply,
    calls: reply.calls.map((call) =>
      call.input === undefined ? call : { ...call, input: withNames(call.input, ownOf(call.name)) },
    ),
    said: reply.said.map((part) =>
      part.type === 'tool-call' ? { ...part, input: withNames(part.input ?? {}, ownOf(part.toolName)) } : part,
    ),
  }
}
