import { TerminalError } from '../../../../errors.ts'
import { parseExact } from '../../../../kernel/json.ts'
import type { Json } from '../../../../kernel/schema.ts'
import { whyNotJson } from '../../../../lib/json/fault.ts'
import { TEXT_LIST_HINT } from '../../../../template/template.ts'

/** The list that an author wrote: a list, the entries of a map, JSON text, `[a, b]`, `a, b`, or one single text. */
export function parseListText(value: Json, what = 'for_each'): readonly Json[] {
  return typeof value === 'string' ? listIn(value.trim(), what) : parseList(value, what)
}

/** The list that a template yields. JSON text is one; other text fails, as only its author knows what its items are. */
export function parseYieldedList(value: Json, what: string): readonly Json[] {
  if (typeof value !== 'string') return parseList(value, what)
  const list = parseJsonList(value)
  if (list) return list
  const shown = value.trim() === '' ? 'an empty text' : `text: ${JSON.stringify(value.slice(0, QUOTED_CHARS))}`
  throw new TerminalError(`${what}: expected a list, got ${shown}`, { code: 'loop_list', hint: TEXT_LIST_HINT })
}

const QUOTED_CHARS = 200

function parseList(value: Json, what: string): readonly Json[] {
  if (Array.isArray(value)) return value
  if (typeof value === 'object' && value !== null) {
    return Object.entries(value).map(([key, item]) => ({ key, value: item ?? null }))
  }
  throw new TerminalError(`${what}: expected a list, got ${JSON.stringify(value)}`, { code: 'loop_list' })
}

function listIn(text: string, what: string): readonly Json[] {
  if (text === '') return []
  const list = parseJsonList(text)
  if (!list && isTorn(text))
    throw new TerminalError(`${what}: the text is not a list: ${whyNotJson(text)}`, { code: 'loop_list' })
  return list ?? splitList(text)
}

/** Whether a list has an opening bracket without a closing one, as when a shell removed part of it. */
export const isTorn = (text: string) => text.startsWith('[') && !text.endsWith(']')

/** The texts in `[a, b]`, or `a, b`. */
export function splitList(text: string): readonly string[] {
  const inner = /^\[([\s\S]*)\]$/.exec(text)?.[1] ?? text
  return inner
    .split(',')
    .map((item) => item.trim().replace(/^(["'])(.*)\1$/, '$2'))
    .filter((item) => item !== '')
}

function parseJsonList(text: string): readonly Json[] | undefined {
  try {
    const value = parseExact(text)
    return Array.isArray(value) ? value : undefined
  } catch {
    return undefined
  }
}
