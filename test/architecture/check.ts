import {
  ACTORS,
  DOOR_MAY_IMPORT,
  FOR_ALL,
  FOR_KERNEL,
  IMPURE_GLOBALS,
  LOAD_BY_NAME,
  LONGEST_FILE,
  MAY_IMPORT,
  MODEL_CALLS,
  NOT_FOR,
  NOT_IN_ACTORS,
  NOT_WITHIN,
  PARSES_ITSELF,
  PURE,
  PURE_MODULES,
  SEEDED,
  SPELLED_ONCE,
} from './rules.ts'
import type { Source } from './source.ts'

/** The part that a file belongs to: a folder of src/ or a file in it, `packages/NAME`, or `ui`. */
export function partOf(path: string): string {
  const [root, name = ''] = path.split('/')
  if (root === 'packages') return `packages/${name}`
  return root === 'ui' ? 'ui' : name.replace(/\.ts$/, '')
}

/** Whether a file belongs to a package of its own. */
export const isPackaged = (path: string): boolean => path.startsWith('packages/')

/** Whether a file belongs to the door of a room: its `room.ts` and its folder `room/`. */
export const isDoor = (path: string): boolean => /^src\/(?!house\/)\w+\/room(?:\.ts$|\/)/.test(path)

/** The name of the rule for a file: its part, or `room` for a folder of src/ without a rule of its own. */
const ruleOf = (path: string, rules = MAY_IMPORT) =>
  Object.hasOwn(rules, partOf(path)) || isPackaged(path) ? partOf(path) : 'room'

/** Imports that the rules do not name, as `file imports file`. */
export function forbiddenImports(sources: readonly Source[], rules = MAY_IMPORT): string[] {
  return sources.flatMap(({ path, imports }) =>
    imports
      .filter(({ isOwn, target }) => isOwn && !mayImport(path, target, rules))
      .map(({ target }) => `${path} imports ${target}: ${partOf(path)} may not import ${partOf(target)}`),
  )
}

function mayImport(path: string, target: string, rules: typeof MAY_IMPORT): boolean {
  // the ground floor of a room does not know its door
  if (partOf(path) === partOf(target)) return isDoor(path) || !isDoor(target)
  // a package is installed beside antiphon, and reaches it by its name; antiphon works without each package
  if (isPackaged(path) || isPackaged(target)) return false
  const part = ruleOf(path, rules)
  // a door joins what its ground floor keeps apart
  if (!isDoor(path) && isAmong(NOT_WITHIN[part] ?? [], target)) return false
  const allowed = allowedFor(path, rules)
  if (allowed.includes(ruleOf(target, rules)) || allowed.includes(partOf(target))) return true
  if (part === 'kernel' && isAmong(FOR_KERNEL, target)) return true
  return isAmong(FOR_ALL, target) && !isAmong(NOT_FOR[part] ?? [], target)
}

/** The parts that a file may import; a door more than the ground floor of its room. */
function allowedFor(path: string, rules: typeof MAY_IMPORT): readonly string[] {
  const ground = rules[ruleOf(path, rules)]!
  return isDoor(path) ? [...ground, ...DOOR_MAY_IMPORT.room!, ...(DOOR_MAY_IMPORT[partOf(path)] ?? [])] : ground
}

/** What pure files do that is not pure, directly or by what they run. */
export function impurities(sources: readonly Source[]): string[] {
  const byPath = new Map(sources.map((source) => [source.path, source]))
  const faults = sources
    .filter(({ path }) => isAmong(PURE, path))
    .flatMap((pure) =>
      reachedBy(pure, byPath).flatMap((reached) => {
        const by = reached === pure ? '' : ` (reached from ${pure.path})`
        return impuritiesOf(reached).map((what) => `${reached.path} is not pure: ${what}${by}`)
      }),
    )
  return [...new Set(faults)]
}

/** What a file runs that is not ours: modules of node, packages. */
export function foreignModules(path: string, sources: readonly Source[]): string[] {
  const byPath = new Map(sources.map((source) => [source.path, source]))
  const reached = reachedBy(byPath.get(path)!, byPath)
  const foreign = reached.flatMap(({ imports }) => imports.filter(({ isOwn, isType }) => !isOwn && !isType))
  return [...new Set(foreign.map(({ target }) => target))]
}

/** How many of our modules load with one, at once. */
export function modulesWith(path: string, sources: readonly Source[]): number {
  const atOnce = sources.map((source) => ({ ...source, imports: source.imports.filter(({ isLater }) => !isLater) }))
  const byPath = new Map(atOnce.map((source) => [source.path, source]))
  return reachedBy(byPath.get(path)!, byPath).length
}

function reachedBy(start: Source, byPath: ReadonlyMap<string, Source>): readonly Source[] {
  const reached = new Set([start])
  for (const source of reached)
    for (const { target, isType } of source.imports) {
      const next = byPath.get(target)
      if (next && !isType) reached.add(next)
    }
  return [...reached]
}

function impuritiesOf({ imports, globals }: Source): string[] {
  const modules = imports.filter(({ target }) => target.startsWith('node:') && !PURE_MODULES.includes(target))
  return [...modules.map(({ target }) => target), ...IMPURE_GLOBALS.filter((name) => globals.has(name))]
}

/** What actors reach for past their effects. */
export function shortcuts(sources: readonly Source[]): string[] {
  return sources
    .filter(({ path }) => !isDoor(path) && (isAmong(ACTORS, path) || ruleOf(path) === 'room'))
    .flatMap(({ path, globals }) =>
      NOT_IN_ACTORS.filter((name) => globals.has(name)).map((name) => `${path} uses ${name}`),
    )
}

/** Calls of models that pass no pool. */
export function modelCalls(sources: readonly Source[]): string[] {
  return sources.flatMap(({ path, calls }) =>
    Object.entries(MODEL_CALLS)
      .filter(([call, places]) => calls.has(call) && !isAmong(places, path))
      .map(([call]) => `${path} calls ${call}`),
  )
}

/** Files past the length at which they are to be split. */
export function longFiles(sources: readonly Pick<Source, 'path' | 'lines'>[]): string[] {
  return sources.filter(({ lines }) => lines > LONGEST_FILE).map(({ path, lines }) => `${path} has ${lines} lines`)
}

/** Tests whose cases would be others each time: those of fast-check are drawn by the seed that one file sets. */
export function unseeded(tests: readonly Source[]): string[] {
  return tests
    .filter(({ path, imports }) => path !== SEEDED && imports.some(({ target }) => target === 'fast-check'))
    .map(({ path }) => path)
}

/** Loads that these rules cannot see through. */
export function hiddenLoads(sources: readonly Source[]): string[] {
  return sources.filter(({ path, loadsByName }) => loadsByName && !LOAD_BY_NAME.includes(path)).map(({ path }) => path)
}

/** Files that spell a text which belongs to another file, as `file: text`. */
export function copiedTexts(sources: readonly { readonly path: string }[], read: (path: string) => string): string[] {
  return sources.flatMap(({ path }) =>
    SPELLED_ONCE.filter(([text, file]) => path !== file && text.test(read(path))).map(
      ([{ source }]) => `${path}: ${source}`,
    ),
  )
}

/** Files that parse foreign JSON by `JSON.parse`, which rounds whole numbers beyond 2^53. */
export function roundingParsers(
  sources: readonly { readonly path: string }[],
  read: (path: string) => string,
): string[] {
  return sources
    .map(({ path }) => path)
    .filter((path) => !isAmong(PARSES_ITSELF, path) && read(path).includes('JSON.parse'))
}

/** Whether the path is one of these files or lies in one of these folders (which end in a slash). */
export function isAmong(places: readonly string[], path: string): boolean {
  return places.some((place) => (place.endsWith('/') ? path.startsWith(place) : path === place))
}
