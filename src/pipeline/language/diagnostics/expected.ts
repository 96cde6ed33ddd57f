import { nameOfType, typeOf } from '../../../kernel/schema-issues/issue-words.ts'

/** A wrong value in words: its place, what was expected there, and what was found. */
export const expectedGot = (place: string, expected: string, value: unknown): string =>
  `\`${place}\`: expected ${expected}, got ${shownValue(value)}`

/** A text or a number as its author wrote it, or else the kind of the value. */
export function shownValue(value: unknown): string {
  if (typeof value === 'boolean') return String(value)
  if (typeof value !== 'string' && typeof value !== 'number') return nameOfType(typeOf(value))
  const text = JSON.stringify(value)
  return text.length > MAX_SHOWN ? `${text.slice(0, MAX_SHOWN)}…` : text
}

const MAX_SHOWN = 80
