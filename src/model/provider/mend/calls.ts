import { isJsonObject } from '../../../kernel/json.ts'
import { changed, eachOf, inMap, type JsonFields, withFields } from './changed-fields.ts'

/** The name of a call that names no tool. The caller refuses it by this name, and the model may try again. */
export const UNNAMED_TOOL = 'unnamed_tool'

export const isName = (name: unknown): name is string => typeof name === 'string' && name.trim() !== ''
export const nameOf = (name: unknown) => (isName(name) ? name : UNNAMED_TOOL)

/** A call of a whole message of the chat protocol. */
export function mendChatCall(call: JsonFields): JsonFields {
  const fn: JsonFields = isJsonObject(call.function) ? call.function : {}
  return changed(fn === call.function ? call : { ...call, function: fn }, {
    id: (id) => (typeof id === 'number' ? String(id) : id),
    function: () => changed(withFields(fn, { name: null, arguments: null }), { name: nameOf, arguments: textOf }),
  })
}

/**
 * A part of a message of Google. A part without a name may continue a call, and then it has no `args`. The SDK gives
 * the signature of an empty text to the part before it, in place of its own, so it becomes a part of another kind.
 */
export const mendParts = (isWhole: boolean) =>
  eachOf(
    inMap((part) =>
      isWhole && part.text === '' && isName(part.thoughtSignature)
        ? { inlineData: { mimeType: EMPTY_TEXT, data: '' }, thoughtSignature: part.thoughtSignature }
        : changed(part, { functionCall: inMap(mendGoogleCall) }),
    ),
  )

/** The type of a file that stands for an empty text with a signature. */
export const EMPTY_TEXT = 'text/x-empty'

const mendGoogleCall = (call: JsonFields): JsonFields =>
  isName(call.name) || !Object.hasOwn(call, 'args') || call.partialArgs || call.willContinue
    ? call
    : { ...call, name: UNNAMED_TOOL }

export const textOf = (input: unknown = null) =>
  typeof input === 'string' ? input : input === null ? '' : JSON.stringify(input)
