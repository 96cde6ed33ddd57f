import { classOf, findNonJson, InvalidError, MAX_DEPTH, type NonJson } from 'antiphon/extend'

/**
 * Checks that a value of a channel comes back from the serializer of LangGraph as it was: JSON, undefined, messages and
 * other objects of `@langchain/core`, `Send`, `Command` and `Overwrite`, a Map, a Set, a RegExp, and bytes.
 * @throws InvalidError `state_not_json` with the name of the channel and the path
 */
export function checkValue(channel: string, value: unknown): void {
  const found = findLost(value, [])
  if (!found) return
  // the input of a graph is one value for all channels
  const [name, ...path] = channel === INPUT ? found.path : [channel, ...found.path]
  const at = path.length === 0 ? '' : ` at ${path.join('.')}`
  throw new InvalidError(`The channel ${name ?? channel} of the graph holds ${found.what}${at}: expected JSON.`, {
    code: 'state_not_json',
    hint: 'Keep texts, numbers, lists, plain maps or messages in the state, and make the rest in the node that needs it.',
    place: { path: [name ?? channel, ...path].join('.') },
  })
}

const INPUT = '__start__'

/** The first part that the serializer would change or lose. */
function findLost(value: unknown, above: readonly object[]): NonJson | undefined {
  if (value === undefined) return undefined
  if (typeof value !== 'object' || value === null) return findNonJson(value)
  if (above.includes(value)) return { what: 'a value that contains itself', path: [] }
  if (above.length === MAX_DEPTH) return { what: `more than ${MAX_DEPTH} levels`, path: [] }
  const parts = partsOf(value)
  if (typeof parts === 'string') return { what: parts, path: [] }
  const within = [...above, value]
  for (const [name, part] of parts) {
    const found = findLost(part, within)
    if (found) return { ...found, path: [name, ...found.path] }
  }
  return undefined
}

type Part = readonly [name: string | number, part: unknown]

/** The parts of an object that the serializer keeps, or the name of what it does not keep. */
function partsOf(value: object): Iterable<Part> | string {
  if (Array.isArray(value)) return value.map((part, at): Part => [at, part])
  const name = classOf(value)
  if (name === undefined) return Object.entries(value)
  if (value instanceof Map)
    return [...value].flatMap(([key, part], at): Part[] => [
      [at, key],
      [at, part],
    ])
  if (value instanceof Set) return [...value].entries()
  if (value instanceof RegExp || value instanceof Uint8Array) return []
  if (isOfLangGraph(value)) return Object.entries(value).filter(([, part]) => typeof part !== 'function')
  if (isOfCore(value)) return Object.entries(value.lc_kwargs)
  return `${/^[AEIO]/.test(name) ? 'an' : 'a'} ${name}`
}

/** Instances that LangGraph itself reads again. */
const isOfLangGraph = (value: object) =>
  'lg_name' in value && typeof value.lg_name === 'string' && OF_LANGGRAPH.includes(value.lg_name)
const OF_LANGGRAPH = ['Send', 'Command', 'Overwrite', 'DeltaSnapshot']

/** Messages and other objects that `load` of `@langchain/core` makes again. */
function isOfCore(value: object): value is { readonly lc_kwargs: object } {
  const { lc_serializable, lc_namespace, lc_kwargs } = value as {
    readonly lc_serializable?: unknown
    readonly lc_namespace?: unknown
    readonly lc_kwargs?: unknown
  }
  const isKnown = Array.isArray(lc_namespace) && lc_namespace[0] === 'langchain_core'
  return lc_serializable === true && isKnown && typeof lc_kwargs === 'object' && lc_kwargs !== null
}
