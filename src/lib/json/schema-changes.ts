import { isDeepStrictEqual } from 'node:util'

type JsonSchema = { readonly [keyword: string]: unknown }

/** Lines that a list of changes has at most. */
const MAX_LINES = 12

/** The changes between schemas of objects: `+ reason (required)`, `- note`, `order: string → number`. Pure. */
export function schemaChanges(before: unknown, after: unknown): readonly string[] {
  const lines = changesAt('', schemaOf(before), schemaOf(after))
  const shown = lines.slice(0, MAX_LINES)
  return lines.length > shown.length ? [...shown, `${lines.length - shown.length} more`] : shown
}

function changesAt(path: string, before: JsonSchema, after: JsonSchema): readonly string[] {
  if (isDeepStrictEqual(before, after)) return []
  const [old, now] = [propertiesOf(before), propertiesOf(after)]
  const prefix = path === '' ? '' : `${path}: `
  if (!old || !now) {
    const [was, is] = [typeOf(before), typeOf(after)]
    return [`${prefix}${was === is ? OTHER_RULES : `${was} → ${is}`}`]
  }
  const names = [...new Set([...Object.keys(old), ...Object.keys(now)])]
  const lines = names.flatMap((name) => {
    const at = path === '' ? name : `${path}.${name}`
    const isRequired = requires(after, name)
    if (!Object.hasOwn(old, name)) return [`+ ${at} (${isRequired ? 'required' : 'optional'})`]
    if (!Object.hasOwn(now, name)) return [`- ${at}`]
    const own = changesAt(at, schemaOf(old[name]), schemaOf(now[name]))
    const need = isRequired === requires(before, name) ? [] : [`${at}: ${isRequired ? 'required' : 'optional'}`]
    return [...own, ...need]
  })
  return lines.length > 0 ? lines : [`${prefix}${OTHER_RULES}`]
}

const OTHER_RULES = 'other rules'

const schemaOf = (value: unknown): JsonSchema => (typeof value === 'object' && value !== null ? { ...value } : {})

const propertiesOf = ({ properties }: JsonSchema): { readonly [name: string]: unknown } | undefined =>
  typeof properties === 'object' && properties !== null ? { ...properties } : undefined

const requires = ({ required }: JsonSchema, name: string) => Array.isArray(required) && required.includes(name)

function typeOf({ type, enum: words, anyOf }: JsonSchema): string {
  if (Array.isArray(words)) return words.map((word) => JSON.stringify(word)).join(' | ')
  if (Array.isArray(anyOf)) return anyOf.map((one) => typeOf(schemaOf(one))).join(' | ')
  return type === undefined ? 'any' : [type].flat().join(' | ')
}
