import type { Json } from '../../kernel/schema.ts'
import { HIDDEN, VIEW, type View } from '../../template/template.ts'
import type { Fields } from './fields.ts'

/** Other names for the path of a result. */
const PATHS = ['filepath', 'file_path', 'output_path']

/** What it is called otherwise. */
export function aliasOf(result: object, name: string): Json | undefined {
  const { path } = result as Fields
  return typeof path === 'string' && PATHS.includes(name) ? path : undefined
}

/** A result as templates read it. */
export function withAliases(result: object): object {
  const shown = withListText(result)
  return typeof (result as Fields).path === 'string' ? withHidden(shown, (name) => aliasOf(result, name)) : shown
}

/** Processed data that is a list and was asked for as text: a list to loops and filters, and printed that text. */
export function withListText(result: object): object {
  const { processed_data: list, data: text } = result as Fields
  if (!Array.isArray(list) || typeof text !== 'string') return result
  const view: View = {
    get: () => undefined,
    text: () => text,
    value: () => list,
    truthy: list.length > 0,
    defined: true,
  }
  return { ...result, processed_data: { [VIEW]: view } }
}

/** A copy from which more can be read than shows. */
export function withHidden(data: object, read: (name: string) => unknown): object {
  return Object.defineProperty(Array.isArray(data) ? [...data] : { ...data }, HIDDEN, { value: read })
}
