import type {
  JSONValue,
  LanguageModelV4CallOptions,
  LanguageModelV4Message,
  LanguageModelV4ToolCall,
} from '@ai-sdk/provider'
import { InvalidError } from '../../errors.ts'
import type { Json } from '../../kernel/schema.ts'
import type { ToolCall, ToolOffer, ToolResult, ToolRound } from '../request/tool-round.ts'

type ProviderTools = Pick<LanguageModelV4CallOptions, 'tools' | 'toolChoice'>

const MAX_TOOLS = 128

/** The tools as a provider expects them; InvalidError for too many or for a duplicate name. */
export function toolOptions(
  tools: readonly ToolOffer[] = [],
  choice: 'auto' | 'required' | 'none' = 'auto',
): ProviderTools {
  if (tools.length === 0) return {}
  checkOffers(tools)
  return {
    tools: tools.map(({ name, description, schema }) => ({
      type: 'function',
      name,
      description,
      inputSchema: schema as object,
    })),
    toolChoice: { type: choice },
  }
}

function checkOffers(tools: readonly ToolOffer[]): void {
  const names = tools.map(({ name }) => name)
  const twice = names.find((name, at) => names.indexOf(name) !== at)
  if (tools.length > MAX_TOOLS)
    throw new InvalidError(`${tools.length} tools for one model call, at most ${MAX_TOOLS} are allowed`)
  if (twice !== undefined) throw new InvalidError(`two tools for one model call have the name ${twice}`)
}

/** A round as messages. Calls without a result are left out, because several providers reject them. */
export function toolRoundMessages({ told = [], said, results }: ToolRound): LanguageModelV4Message[] {
  const answered = new Set(results.map(({ id }) => id))
  const kept = said.filter((part) => part.type !== 'tool-call' || answered.has(String(part.toolCallId)))
  return [
    ...(told.length > 0 ? [{ role: 'user' as const, content: told.map(toText) }] : []),
    ...(kept.length > 0 ? [{ role: 'assistant' as const, content: kept as object as AssistantContent }] : []),
    ...(results.length > 0 ? [{ role: 'tool' as const, content: results.map(toResultPart) }] : []),
  ]
}

type AssistantContent = Extract<LanguageModelV4Message, { role: 'assistant' }>['content']

const toText = (text: string) => ({ type: 'text' as const, text })

function toResultPart({ id, name, output, failed }: ToolResult) {
  return {
    type: 'tool-result' as const,
    toolCallId: id,
    toolName: name,
    output: { type: failed ? ('error-json' as const) : ('json' as const), value: output as JSONValue },
  }
}

/** A tool call as the caller sees it. */
export function toToolCall({ toolCallId, toolName, input }: LanguageModelV4ToolCall): ToolCall {
  const read = tryParse(input)
  return { id: toolCallId, name: toolName, ...(read !== undefined && { input: read }) }
}

/** A call without parameters often has an empty input. */
function tryParse(text: string): Json | undefined {
  try {
    return text.trim() === '' ? {} : (JSON.parse(text) as Json)
  } catch {
    return undefined
  }
}
