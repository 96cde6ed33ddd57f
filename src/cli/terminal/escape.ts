import { randomInt } from 'node:crypto'
import picocolors from 'picocolors'
import { showUnseen } from '../../lib/unseen.ts'

/** Functions that colour a text, or leave it as it is. */
export type Colors = { readonly [name in Name]: (text: string) => string }

const NAMES = ['bold', 'dim', 'red'] as const
type Name = (typeof NAMES)[number]

const ESCAPE = '\u001b'
/** Parameters that no other text contains: a colour in data lacks them. */
const SEAL = `;${randomInt(1000, 10_000)};${randomInt(1000, 10_000)};${randomInt(1000, 10_000)}m`

/** The colours of these commands. `escapeControls` lets them through, and no others. */
export function sealedColors(isOn: boolean): Colors {
  const plain = picocolors.createColors(isOn)
  return isOn ? (Object.fromEntries(NAMES.map((name) => [name, sealed(plain[name])])) as Colors) : plain
}

/** The same colour with the seal; a nested colour restores it at its end. */
function sealed(paint: (text: string) => string): (text: string) => string {
  const [start, end] = paint(' ')
    .split(' ')
    .map((code) => code.replace('m', SEAL)) as [string, string]
  return (text) => start + text.replaceAll(end, end + start) + end
}

/** A sealed colour, or any control character but a tab or the end of a line. */
const CONTROLS = new RegExp(`${ESCAPE}\\[\\d+${SEAL}|\\r(?!\\n)|(?![\\t\\r\\n])\\p{Cc}`, 'gu')

/** The colour in terminal syntax; undefined when the text is not a colour. */
function unsealed(found: string): string | undefined {
  return found.endsWith(SEAL) ? `${found.slice(0, -SEAL.length)}m` : undefined
}

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
