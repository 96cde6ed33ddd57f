import { isDeepStrictEqual } from 'node:util'
import { isJsonObject, type Json } from '../../../kernel/json.ts'
import { ownValue } from '../../../lib/own.ts'
import { HIDDEN, type TemplateView, VIEW } from '../../../template/template.ts'

const PATH_ALIASES = ['filepath', 'file_path', 'output_path']

export function aliasedField(result: object, name: string): Json | undefined {
  const { path } = result as Fields
  if (typeof path === 'string' && PATH_ALIASES.includes(name)) return path
  return PROCESSED_DATA_NAMES.includes(name) ? ownValue(withListText(result) as Fields, name) : undefined
}

/** A result as templates read it. */
export function withAliases(result: object): object {
  const shown = withoutDuplicateData(result)
  const hasMore = typeof (result as Fields).path === 'string' || shown !== result
  return hasMore ? withHidden(shown, (name) => aliasedField(result, name)) : shown
}

const PROCESSED_DATA_NAMES = ['processed_data', 'data']

/** Hides duplicates: `processed_data` is readable but not shown, and `data` is not shown beside its own fields. */
export function withoutDuplicateData(result: object): object {
  const { processed_data: processed, data } = result as Fields
  if (processed === undefined || data === undefined) return result
  const { processed_data: _, ...shown } = result as Fields
  const { data: __, ...beside } = shown
  return isJsonObject(data) && isDuplicate(data, beside) ? beside : shown
}

function isDuplicate(data: Fields, beside: Fields): boolean {
  const same = (name: string) => Object.hasOwn(beside, name) && isDeepStrictEqual(beside[name], data[name])
  return Object.keys(data).length > 0 && Object.keys(data).every(same)
}

/** Processed data that is a list but was asked for as text: a list to loops and filters, printed as that text. */
export function withListText(result: object): object {
  const { processed_data: list, data: text } = result as Fields
  if (!Array.isArray(list) || typeof text !== 'string') return result
  const view: TemplateView = {
    get: () => undefined,
    text: () => text,
    value: () => list,
    truthy: list.length > 0,
    defined: true,
  }
  return { ...result, processed_data: { [VIEW]: view } }
}

/** A copy with further names that can be read but are not shown. */
export function withHidden(data: object, read: (name: string) => unknown): object {
  return Object.defineProperty(Array.isArray(data) ? [...data] : { ...data }, HIDDEN, { value: read })
}

/** A map as results are. */
export type Fields = { readonly [name: string]: Json | undefined }
