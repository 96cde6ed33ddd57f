import { isJsonObject } from '../../kernel/json.ts'
import { parseExact } from '../../lib/json/exact.ts'
import { changed, eachOf, inMap, type JsonFields } from './changed-fields.ts'

/** The name of a call that names no tool. The caller refuses it by this name, and the model may try again. */
export const UNNAMED_TOOL = 'unnamed_tool'

export const isName = (name: unknown): name is string => typeof name === 'string' && name.trim() !== ''
const nameOf = (name: unknown) => (isName(name) ? name : UNNAMED_TOOL)

/**
 * A call of the chat protocol. In a whole message it has a name and parameters. A delta may leave out both, and an
 * empty name in it means no name.
 */
export function mendChatCall(call: JsonFields, isWhole: boolean): JsonFields {
  const { id, function: given } = call
  const fn: JsonFields = isJsonObject(given) ? given : {}
  const name = isName(fn.name) ? fn.name : isWhole ? UNNAMED_TOOL : null
  const input = isWhole || (fn.arguments ?? null) !== null ? textOf(fn.arguments) : fn.arguments
  const mended = typeof id === 'number' ? { id: String(id) } : {}
  const isGood = fn === given && (name ?? undefined) === (fn.name ?? undefined) && input === fn.arguments
  if (isGood) return typeof id === 'number' ? { ...call, ...mended } : call
  return { ...call, ...mended, function: { ...fn, name, ...(input !== undefined && { arguments: input }) } }
}

/** An item of OpenAI's Responses. A call without an id gets one by its place. */
export const mendItem = (place: unknown) =>
  inMap((item) => {
    if (item.type !== 'function_call') return item
    const id = [item.call_id, item.id].find(isName) ?? `call_${place ?? 0}`
    const known = { arguments: item.arguments, name: item.name, id: item.id, call_id: item.call_id }
    return changed(Object.keys(known).every((name) => Object.hasOwn(item, name)) ? item : { ...known, ...item }, {
      arguments: textOf,
      name: nameOf,
      id: (own) => (isName(own) ? own : id),
      call_id: (own) => (isName(own) ? own : id),
    })
  })

/** A block of content of Anthropic. */
export const mendBlock = (place: unknown) =>
  inMap((block) => {
    if (block.type !== 'tool_use') return block
    return changed(Object.hasOwn(block, 'name') ? block : { ...block, name: null }, {
      id: (id) => (isName(id) ? id : `toolu_${place ?? 0}`),
      name: nameOf,
      input: (input) => (isJsonObject(input) ? input : parsedMap(input)),
    })
  })

/** A part of a message of Google. A part without a name may continue a call, and then it has no `args`. */
export const mendParts = eachOf(
  inMap((part) =>
    changed(part, {
      functionCall: inMap((call) =>
        isName(call.name) || !Object.hasOwn(call, 'args') || call.partialArgs || call.willContinue
          ? call
          : { ...call, name: UNNAMED_TOOL },
      ),
    }),
  ),
)

const textOf = (input: unknown = null) =>
  typeof input === 'string' ? input : input === null ? '' : JSON.stringify(input)

function parsedMap(input: unknown): JsonFields {
  try {
    const value = parseExact(String(input))
    return isJsonObject(value) ? value : {}
  } catch {
    return {}
  }
}
