import { isJsonObject, parseExact } from '../../../kernel/json.ts'
import { attempt } from '../../../lib/flow/attempt.ts'
import { isName, textOf, UNNAMED_TOOL } from './calls.ts'
import type { JsonFields } from './changed-fields.ts'

/** Stands between an id and a number in the id of a part that came under the id of an earlier part. */
const AGAIN = '\u001f'

export const givenId = (id: string): string => id.split(AGAIN, 1)[0]!

/** A part of a call: a call, or a repetition of one. */
type CallPart = {
  readonly index: number
  /** the index that the provider gave */
  readonly place: unknown
  readonly id: string | undefined
  name: string | undefined
  input: string
  isSent: boolean
}
type Fragment = Pick<CallPart, 'place' | 'id' | 'name' | 'input'>

/**
 * Decides which fragments of a streamed chat belong together, and gives each part an index and an id of its own, since
 * the SDK would give a repeated id another name. What is one call in the end is decided when all parts are known.
 */
export function createChatCalls() {
  const parts: CallPart[] = []
  const add = ({ place, id, name, input }: Fragment): CallPart => {
    const named = name ?? parts.findLast((part) => id !== undefined && part.id === id)?.name
    const part = { index: parts.length, place, id, name: named, input, isSent: false }
    parts.push(part)
    return part
  }
  const grow = (part: CallPart, { name, input }: Fragment): CallPart => {
    part.name ??= name
    part.input += input
    return part
  }
  const idOf = ({ id, index }: CallPart) =>
    id !== undefined && parts.some((part) => part.id === id && part.index < index) ? `${id}${AGAIN}${index}` : id
  const begin = (part: CallPart, name: string, call: JsonFields = {}): JsonFields => {
    part.isSent = true
    return { ...call, index: part.index, id: idOf(part), type: 'function', function: { name, arguments: part.input } }
  }
  return {
    hasBegun: () => parts.length > 0,
    /** The calls of a delta for the SDK. A call that has no name yet waits for it. */
    take: (calls: readonly JsonFields[]): readonly JsonFields[] =>
      calls.flatMap((call) => {
        const fragment = fragmentOf(call)
        const found = partOf(parts, fragment)
        const part = found ? grow(found, fragment) : add(fragment)
        if (part.isSent) return [{ index: part.index, function: { arguments: fragment.input } }]
        return part.name === undefined ? [] : [begin(part, part.name, call)]
      }),
    /** The calls that have got no name. */
    end: (): readonly JsonFields[] =>
      parts
        .filter(({ isSent, id, input }) => !isSent && (id !== undefined || input.trim() !== ''))
        .map((part) => begin(part, UNNAMED_TOOL)),
  }
}

/** An id, an index or a name that is null or blank is absent. */
function fragmentOf({ id, index, function: given }: JsonFields): Fragment {
  const fn: JsonFields = isJsonObject(given) ? given : {}
  return {
    place: index ?? undefined,
    id: typeof id === 'number' ? String(id) : isName(id) ? id : undefined,
    name: isName(fn.name) ? fn.name : undefined,
    input: textOf(fn.arguments),
  }
}

/** The part that a fragment goes on with; undefined: it begins another one. */
function partOf(parts: readonly CallPart[], { place, id, name, input }: Fragment): CallPart | undefined {
  const isRenamed = (part: CallPart) => name !== undefined && part.name !== undefined && name !== part.name
  const [isBlank, isBeginning] = [input.trim() === '', /^\s*[{[]/.test(input)]
  const same = id === undefined ? undefined : parts.findLast((part) => part.id === id)
  if (same) {
    const isAgain = !isBlank && (isWhole(same) || (isBeginning && same.input.trim() !== ''))
    return isRenamed(same) || isAgain ? undefined : same
  }
  const last = place === undefined ? parts.at(-1) : parts.findLast((part) => part.place === place)
  if (!last || isRenamed(last)) return undefined
  if (name === undefined || last.name === undefined) return last
  if (id === undefined) return place === undefined || (isBeginning && isWhole(last)) ? undefined : last
  return isBeginning || (isBlank && isWhole(last)) ? undefined : last
}

function isWhole({ input }: CallPart): boolean {
  if (!/[}\]]\s*$/.test(input)) return false
  return attempt(() => typeof parseExact(input) === 'object', false)
}
