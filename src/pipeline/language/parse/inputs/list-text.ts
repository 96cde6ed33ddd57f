import { TerminalError } from '../../../../errors.ts'
import type { Json } from '../../../../kernel/schema.ts'
import { readJson } from '../../../../yaml/exact-numbers.ts'

/** The list that a value is or stands for: the entries of a map, JSON text, `[a, b]`, `a, b`, or one single text. */
export function parseListText(value: Json, what = 'for_each'): readonly Json[] {
  if (Array.isArray(value)) return value
  if (typeof value === 'string') return listIn(value.trim())
  if (typeof value === 'object' && value !== null) {
    return Object.entries(value).map(([key, item]) => ({ key, value: item ?? null }))
  }
  throw new TerminalError(`${what}: expected a list, got ${JSON.stringify(value)}`, { code: 'loop_list' })
}

function listIn(text: string): readonly Json[] {
  return text === '' ? [] : (parseList(text) ?? splitList(text))
}

/** The texts in `[a, b]`, or `a, b`. */
export function splitList(text: string): readonly string[] {
  const inner = /^\[([\s\S]*)\]$/.exec(text)?.[1] ?? text
  return inner
    .split(',')
    .map((item) => item.trim().replace(/^(["'])(.*)\1$/, '$2'))
    .filter((item) => item !== '')
}

function parseList(text: string): readonly Json[] | undefined {
  try {
    const value = readJson(text)
    return Array.isArray(value) ? value : undefined
  } catch {
    return undefined
  }
}
