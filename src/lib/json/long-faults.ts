import { isLongWhole } from './whole.ts'

type Path = readonly PropertyKey[]

/** The part of a fault of a check that says where it is. `errors`: the faults by alternative, with paths from here. */
export type PlacedFault = {
  readonly path: Path
  readonly keys?: readonly string[]
  /** the type that was expected */
  readonly expected?: unknown
  readonly errors?: readonly (readonly PlacedFault[])[]
}

/** All paths of a fault: its own one, and those of its alternatives. */
export function pathsOfFault({ path, keys = [], errors = [] }: PlacedFault, above: Path = []): readonly Path[] {
  const at = [...above, ...path]
  const below = errors.flat().flatMap((fault) => pathsOfFault(fault, at))
  return [at, ...keys.map((key) => [...at, key]), ...below]
}

/** A check that knows only numbers, and the number that it gets for a whole number beyond 2^53. */
type Check<Fault> = {
  check(value: unknown): readonly Fault[]
  /** whether a number may be right there; absent: if a number is expected */
  wantsNumber?(fault: Fault): boolean
  numberOf(digits: string): number
}

/** Each round may uncover numbers at other places. */
const MAX_ROUNDS = 20

/**
 * The faults of a value whose whole numbers beyond 2^53 are texts of their digits. Where the check finds fault with
 * such a text, it gets a number instead. `first`: those of the texts. `places`: where it got a number, for `placeOf`.
 */
export function checkLongNumbers<Fault extends PlacedFault>(
  value: unknown,
  { check, numberOf, wantsNumber = expectsNumber }: Check<Fault>,
): { readonly first: readonly Fault[]; readonly faults: readonly Fault[]; readonly places: ReadonlySet<string> } {
  const places = new Set<string>()
  const first = check(value)
  let [shown, faults] = [value, first]
  for (let round = 0; round < MAX_ROUNDS && faults.length > 0; round++) {
    const wanted = faults.flatMap((fault) => (wantsNumber(fault) ? [fault.path] : numberPaths(fault)))
    const found = wanted.filter((path) => isLongWhole(partAt(shown, path)))
    if (found.length === 0) break
    for (const path of found) places.add(placeOf(path))
    shown = withNumbers(value, places, numberOf)
    faults = check(shown)
  }
  return { first, faults, places }
}

const expectsNumber = ({ expected }: PlacedFault) => expected === 'number' || expected === 'int'

/** The paths at which an alternative expects a number. */
function numberPaths({ path, errors = [] }: PlacedFault): readonly Path[] {
  const below = errors.flat().flatMap((fault) => (expectsNumber(fault) ? [fault.path] : numberPaths(fault)))
  return below.map((inner) => [...path, ...inner])
}

/** The name of a place in a value. All items of a list are one place. */
export const placeOf = (path: Path): string => path.reduce<string>(placeBelow, '')

function placeBelow(above: string, part: PropertyKey): string {
  return `${above}/${typeof part === 'number' ? '*' : JSON.stringify(String(part))}`
}

function withNumbers(
  value: unknown,
  places: ReadonlySet<string>,
  numberOf: (digits: string) => number,
  at = '',
): unknown {
  if (isLongWhole(value)) return places.has(at) ? numberOf(value) : value
  if (typeof value !== 'object' || value === null) return value
  const below = (part: PropertyKey, inner: unknown) => withNumbers(inner, places, numberOf, placeBelow(at, part))
  if (Array.isArray(value)) return value.map((item) => below(0, item))
  return Object.fromEntries(Object.entries(value).map(([name, field]) => [name, below(name, field)]))
}

function partAt(value: unknown, path: Path): unknown {
  return path.reduce<unknown>((inner, key) => {
    if (typeof inner !== 'object' || inner === null || !Object.hasOwn(inner, key)) return undefined
    return (inner as { readonly [key: PropertyKey]: unknown })[key]
  }, value)
}
