import { isJsonObject, type Json, type JsonObject } from '../../kernel/json.ts'
import { namesInPointer, targetOf } from '../../lib/json/pointer.ts'
import { acceptedName, isAcceptedName } from './parameter-names.ts'
import { INSIDE, isExpression, modernKeywords } from './schema-keywords.ts'

/** A schema that is mended: its root, the parts that are left out, and targets of references with their new names. */
type Mending = {
  readonly root: JsonObject
  readonly lost: string[]
  readonly targets: Map<JsonObject, string>
  readonly names: Set<string>
}
type Place = { readonly path: string; readonly depth: number }

/** Levels of a schema, and of a value in it. */
const MAX_DEPTH = 50

/**
 * The schema in draft 2020-12, with schemas wherever it wants one; any other value becomes a schema that accepts
 * everything. The targets of references into `root` become its `$defs`. `lost` gets the parts that are left out.
 */
export function mendedSchema(schema: JsonObject, root: JsonObject, lost: string[]): JsonObject {
  const mending: Mending = { root, lost, targets: new Map(), names: new Set() }
  const mended = subschema(schema, { path: '', depth: 0 }, mending)
  const defs: [string, JsonObject][] = []
  // the map grows while the targets refer to others
  for (const [target, name] of mending.targets) defs.push([name, subschema(target, { path: name, depth: 1 }, mending)])
  return defs.length === 0 ? mended : { ...mended, $defs: Object.fromEntries(defs) }
}

function subschema(given: Json | undefined, { path, depth }: Place, mending: Mending): JsonObject {
  if (!isJsonObject(given) || depth > MAX_DEPTH) {
    if (typeof given !== 'boolean') mending.lost.push(`${path || 'it'}, which is not a schema`)
    return {}
  }
  const placeOf = (name: string): Place => ({ path: path === '' ? name : `${path}.${name}`, depth: depth + 1 })
  const modern = modernKeywords(given, (name) => mending.lost.push(placeOf(name).path))
  const fields = Object.entries(modern).flatMap(([name, value]): [string, Json][] => {
    const mended = keyword(name, value, placeOf(name), mending)
    if (mended === undefined && !DEFINITIONS.has(name)) mending.lost.push(placeOf(name).path)
    return mended === undefined ? [] : [[name, mended]]
  })
  return withLoneReference(withItems(withRequiredProperties(Object.fromEntries(fields))))
}

const DEFINITIONS: ReadonlySet<string> = new Set(['$defs', 'definitions'])

/** Providers want to know the items of each list. */
function withItems(schema: JsonObject): JsonObject {
  const isList = schema.type === 'array' || (Array.isArray(schema.type) && schema.type.includes('array'))
  return isList && !isJsonObject(schema.items) ? { ...schema, items: {} } : schema
}

/** Google refuses a name in `required` that is no property. */
function withRequiredProperties(schema: JsonObject): JsonObject {
  const properties = isJsonObject(schema.properties) ? schema.properties : {}
  const others = ((schema.required ?? []) as readonly string[]).filter((name) => !Object.hasOwn(properties, name))
  if (others.length === 0) return schema
  const all = [...Object.entries(properties), ...others.map((name) => [name, {}] as const)]
  return { ...schema, properties: Object.fromEntries(all) }
}

/** Google refuses keywords beside a reference. */
function withLoneReference({ $ref, ...rest }: JsonObject): JsonObject {
  if ($ref === undefined) return rest
  if (Object.keys(rest).length === 0) return { $ref }
  if (rest.anyOf === undefined) return { ...rest, anyOf: [{ $ref }] }
  return { ...rest, allOf: [...((rest.allOf ?? []) as readonly Json[]), { $ref }] }
}

function keyword(name: string, value: Json, place: Place, mending: Mending): Json | undefined {
  const inner = (one: Json, key: string | number) =>
    subschema(one, { path: `${place.path}.${key}`, depth: place.depth }, mending)
  if (name === '$ref') return reference(value as string, mending)
  if (DEFINITIONS.has(name)) return undefined
  switch (INSIDE.get(name)) {
    case 'list':
      return Array.isArray(value) && value.length > 0 ? value.map(inner) : undefined
    case 'map':
      if (!isJsonObject(value)) return undefined
      return Object.fromEntries(
        Object.entries(value).flatMap(([key, one]): [string, Json][] => {
          const isKept = name !== 'patternProperties' || isExpression(key)
          if (!isKept) mending.lost.push(`${place.path}.${key}`)
          return isKept ? [[key, inner(one, key)]] : []
        }),
      )
    case 'schema':
      if (typeof value === 'boolean') return name === 'items' ? {} : value
      if (!isJsonObject(value)) return undefined
      return name === 'not' || name === 'if' ? whole(value, place, mending) : subschema(value, place, mending)
    default:
      return isShallow(value, MAX_DEPTH) ? value : undefined
  }
}

/** A schema whose opposite counts: if a part of it were left out, it would forbid more than its author did. */
function whole(value: Json, place: Place, mending: Mending): JsonObject | undefined {
  const lost: string[] = []
  const mended = subschema(value, place, { ...mending, lost })
  return lost.length === 0 ? mended : undefined
}

/** A reference into `$defs`; undefined: it has no target. */
function reference(pointer: string, { root, targets, names }: Mending): string | undefined {
  const target = endOf(pointer, root)
  if (target === undefined) return undefined
  if (target === root) return '#'
  const path = namesInPointer(pointer)!
  const last = path.at(-1)!
  const isTaken = (name: string) => names.has(name)
  const name =
    targets.get(target) ?? (isAcceptedName(last) && !isTaken(last) ? last : acceptedName(path.join('/'), isTaken))
  targets.set(target, name)
  names.add(name)
  return `#/$defs/${name}`
}

/** The target of a reference, if it is a schema, and if references do not lead from there in a circle. */
function endOf(pointer: string, root: JsonObject): JsonObject | undefined {
  const first = targetOf<Json>(pointer, root)
  let target = first
  for (const seen = new Set(); isJsonObject(target) && typeof target.$ref === 'string'; ) {
    if (seen.has(target)) return undefined
    seen.add(target)
    target = targetOf<Json>(target.$ref, root)
  }
  return isJsonObject(target) && isJsonObject(first) ? first : undefined
}

const isShallow = (value: Json | undefined, levels: number): boolean =>
  typeof value !== 'object' ||
  value === null ||
  (levels > 0 && Object.values(value).every((one) => isShallow(one, levels - 1)))
