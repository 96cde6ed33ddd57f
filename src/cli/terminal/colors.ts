import { randomInt } from 'node:crypto'
import picocolors from 'picocolors'

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
export const CONTROLS = new RegExp(`${ESCAPE}\\[\\d+${SEAL}|\\r(?!\\n)|(?![\\t\\r\\n])\\p{Cc}`, 'gu')

/** The colour in terminal syntax; undefined when the text is not a colour. */
export function unsealed(found: string): string | undefined {
  return found.endsWith(SEAL) ? `${found.slice(0, -SEAL.length)}m` : undefined
}
