import type { Json } from '../../kernel/json.ts'
import { mapTexts } from '../../lib/json/map-texts.ts'
import { isSecret, SECRET_SCHEME, secretsIn, substituteSecrets } from '../../secret/names.ts'

/** Settings of a provider besides its key, as in `options:`. */
export type ProviderOptions = { readonly [name: string]: Json }

/** Names of settings that hold a key. */
const KEY_NAMES =
  /(?:^|[^a-z])key$|(?:api|access|secret|private|auth|subscription|account|service)[-_]?key$|token$|secret|passw|authorization|credential|cookie/i
/** Texts that are keys, whatever their name. */
const KEY_SHAPES =
  /^(?:Bearer|Basic)\s+\S{6,}|\b(?:sk|pk|rk|gh[opsu]|github_pat|glpat|xox[abp])[-_][\w-]{12,}|\bAIza[\w-]{30,}/i

/** The place of a key that is written out in options, and not named, as in `secret://openai`; undefined: none. */
export function findPlainKey(options: Json, name = ''): readonly (string | number)[] | undefined {
  if (typeof options === 'string') return isPlainKey(name, options) ? [] : undefined
  if (typeof options !== 'object' || options === null) return undefined
  for (const [key, value] of Object.entries(options)) {
    const path = findPlainKey(value ?? null, Array.isArray(options) ? name : key)
    if (path) return [Array.isArray(options) ? Number(key) : key, ...path]
  }
  return undefined
}

const isPlainKey = (name: string, text: string) =>
  text !== '' && !text.split(/\s+/).some(isSecret) && (KEY_NAMES.test(name) || KEY_SHAPES.test(text))

export function secretNamesIn(options: Json): readonly string[] {
  if (typeof options === 'string') return options.includes(SECRET_SCHEME) ? secretsIn(options) : []
  if (typeof options !== 'object' || options === null) return []
  return Object.values(options).flatMap((value) => secretNamesIn(value ?? null))
}

/** The options, with secrets inserted for their names. */
export const withSecrets = <Value extends Json>(options: Value, values: ReadonlyMap<string, string>): Value =>
  mapTexts(options, (text) => substituteSecrets(text, values))
