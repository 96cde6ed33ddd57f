import type { Json } from '../../kernel/schema.ts'

/** Whether a parameter that may hold a pipeline does: a map, or a text of several lines; one line is a path or an id, and a template. */
export function isOwnText(value: Json): boolean {
  return typeof value === 'string' ? value.trim().includes('\n') : typeof value === 'object' && value !== null
}
