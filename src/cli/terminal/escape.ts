import { showUnseen } from '../../lib/unseen.ts'
import { CONTROLS, unsealed } from './colors.ts'

/**
 * Removes the effects of a text on a terminal: a text of a model, a pipeline or another user moves no cursor, renames
 * no window, overwrites no line, adds no colours, hides nothing and changes no order. Control characters become visible
 * symbols, and invisible characters become codes; line ends, tabs and the colours of these commands stay.
 */
export function escapeControls(text: string): string {
  return showUnseen(text).replace(CONTROLS, (found) => unsealed(found) ?? picture(found))
}

/** A line of ours that stays one line and has its final width, whatever data it contains. */
export const singleLine = (line: string): string => showUnseen(line.replace(LINE_ENDS, ' '))

/** A text of ours with foreign data: its further lines are indented, so that none looks like a line of ours. */
export const indentLines = (text: string, by = '      '): string => text.replace(LINE_END, `\n${by}`)

/** JSON of the same meaning, with escapes for invisible and control characters, except line ends. */
export function jsonText(value: unknown, indent?: number): string {
  return showUnseen(JSON.stringify(value, null, indent), escaped).replace(JSON_CONTROLS, escaped)
}

// JSON.stringify escapes those below
const JSON_CONTROLS = /[\u007f-\u009f]/g
const escaped = (sign: string) =>
  Array.from({ length: sign.length }, (_, at) => `\\u${sign.charCodeAt(at).toString(16).padStart(4, '0')}`).join('')

const LINE_ENDS = /(?<!\s)\s*[\r\n\u0085\u2028\u2029]\s*/g
const LINE_END = /\r?\n|[\r\u0085\u2028\u2029]/g

const DELETE = 0x7f

/** As wide as one character, so that columns stay. */
function picture(found: string): string {
  const code = found.charCodeAt(0)
  if (code < 0x20) return String.fromCharCode(0x2400 + code)
  return code === DELETE ? '␡' : '�'
}
