import { isDeepStrictEqual } from 'node:util'
import type { LanguageModelV4Content, LanguageModelV4ToolCall } from '@ai-sdk/provider'
import { givenId } from '../provider/mend/chat-calls.ts'
import { parseArguments } from './tool-calling.ts'

type Call = LanguageModelV4ToolCall

/**
 * The content of a reply in which each call stands once. Some gateways send a call again with its own id: one id with
 * an equal name and equal parameters is one call, and a part that is not complete belongs to the call before it. One
 * id with other parameters is another call.
 */
export function withoutRepetitions(content: readonly LanguageModelV4Content[]): readonly LanguageModelV4Content[] {
  const groups = new Map<string, Call[]>()
  for (const part of content) {
    const key = part.type === 'tool-call' ? keyOf(part) : undefined
    if (key !== undefined) groups.set(key, [...(groups.get(key) ?? []), part as Call])
  }
  const calls = new Map([...groups.values()].flatMap((parts) => callsIn(parts).map((call, at) => [parts[at]!, call])))
  return content.flatMap((part) => {
    if (part.type !== 'tool-call' || keyOf(part) === undefined) return [part]
    const call = calls.get(part)
    return call ? [{ ...call, toolCallId: givenId(call.toolCallId) }] : []
  })
}

/** The parts of one call have this in common; undefined: it has no id or no text, or the provider makes it itself. */
const keyOf = ({ toolCallId, toolName, input, providerExecuted }: Call): string | undefined =>
  providerExecuted || typeof input !== 'string' || typeof toolCallId !== 'string' || givenId(toolCallId).trim() === ''
    ? undefined
    : JSON.stringify([givenId(toolCallId), toolName])

/** The calls in parts that have one id and one name, at most as many as parts. */
function callsIn(parts: readonly Call[]): readonly Call[] {
  const [first, ...others] = parts as readonly [Call, ...Call[]]
  const all = parts.map(({ input }) => input).join('')
  if (others.length === 0 || isWhole(all)) return [{ ...first, input: all }]
  const calls = [first]
  for (const part of others) {
    const last = calls.at(-1)!
    const joined = isBeginning(last.input, part.input) ? part.input : last.input + part.input
    if (calls.some(({ input }) => isRepeated(part.input, input))) continue
    if (isWhole(last.input) || (isWhole(part.input) && !isWhole(joined))) calls.push(part)
    else calls[calls.length - 1] = { ...last, input: joined }
  }
  return calls.filter(({ input }, at) => !calls.slice(0, at).some((before) => isRepeated(input, before.input)))
}

/** A call that came without parameters may have begun only. */
const isBare = (input: string) => /^\s*(?:\{\s*\}\s*)?$/.test(input)
const isWhole = (input: string) => !isBare(input) && parseArguments(input) !== undefined

/** Whether a text says a whole call again, or its beginning. */
const isRepeated = (input: string, whole: string) =>
  isWhole(whole) &&
  (isWhole(input) ? isDeepStrictEqual(parseArguments(input), parseArguments(whole)) : isBeginning(input, whole))

const isBeginning = (part: string, whole: string) => isBare(part) || withoutSpace(whole).startsWith(withoutSpace(part))
const withoutSpace = (text: string) => text.replaceAll(/\s+/g, '')
