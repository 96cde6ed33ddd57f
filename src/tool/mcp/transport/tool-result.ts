import { isJsonObject, type Json } from '../../../kernel/json.ts'
import { clip } from '../../../lib/clip.ts'

/** The result of a tool as its server sent it. `more`: fields that no revision knows. */
export type WholeResult = {
  readonly content: readonly unknown[]
  readonly structured: Json
  readonly isError: boolean
  readonly more: { readonly [field: string]: unknown }
}

/** Why what a server sent is not the result of a tool. `made`: it does not say that the call failed. */
export type ResultFault = { readonly fault: string; readonly made: boolean }

/**
 * Reads the result of a tool. Null stands for an absent field, one part for a list, and a result without content for an
 * empty one. Forms that would lose a text, or make a success of a failure, are faults.
 */
export function readToolResult(result: unknown): WholeResult | ResultFault {
  if (!isJsonObject(result)) return expected('the result', 'an object', result)
  const { content, structuredContent, isError, _meta, resultType: _, ...more } = withoutNulls(result)
  const says = IS_ERROR.get(isError)
  if (says === undefined) return { ...expected('isError', 'true or false', isError), made: false }
  const isText = typeof content === 'string'
  const parts = isText ? [{ type: 'text', text: content }] : Array.isArray(content) ? content : [content]
  const isEmpty = content === undefined
  const fault = isEmpty ? undefined : parts.map(faultOfPart).find((one) => one !== undefined)
  if (fault) return { ...fault, made: !says }
  return { content: isEmpty ? [] : parts, structured: (structuredContent ?? null) as Json, isError: says, more }
}

/** Some servers write `isError` as a text. */
const IS_ERROR = new Map<unknown, boolean>([
  [undefined, false],
  ...([true, false].flatMap(
    (value) =>
      [
        [value, value],
        [String(value), value],
      ] as const,
  ) as [unknown, boolean][]),
])

/** A part may be of a kind that antiphon does not know. A text without its text would be lost. */
function faultOfPart(part: unknown, at: number): ResultFault | undefined {
  const { type, text } = (isJsonObject(part) ? part : {}) as { readonly type?: unknown; readonly text?: unknown }
  if (typeof type !== 'string') return expected(`content[${at}]`, 'an object with a `type`', part)
  if (type === 'text' && typeof text !== 'string') return expected(`content[${at}].text`, 'a text', text)
  return undefined
}

const expected = (path: string, wanted: string, found: unknown): ResultFault => ({
  made: true,
  fault: `${path}: expected ${wanted}, got ${found === undefined ? 'nothing' : clip(JSON.stringify(found), 100)}`,
})

export const withoutNulls = (fields: { readonly [name: string]: unknown }): { readonly [name: string]: unknown } =>
  Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== null))
