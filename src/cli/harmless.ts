/**
 * A text that does nothing to the terminal it is shown on: what a model, a pipeline or another user wrote may not move its cursor, rename its
 * window or answer in its user's name. Control characters are shown by their pictures; lines, tabs and the colours of these commands stay.
 */
export function harmless(text: string): string {
  return text.replace(CONTROLS, (found) => (found.startsWith(ESCAPE) && found.length > 1 ? found : inPicture(found)))
}

const ESCAPE = '\u001b'
/** Bold, dim, red, green, yellow, cyan and their ends, or any other control but a tab or the end of a line. */
const CONTROLS = /\p{Cc}\[(?:1|2|22|31|32|33|36|39)m|\r(?!\n)|(?![\t\r\n])\p{Cc}/gu

const DELETE = 0x7f

/** As wide as one character, so that columns stay. */
function inPicture(found: string): string {
  const code = found.charCodeAt(0)
  const picture = code < 0x20 ? String.fromCharCode(0x2400 + code) : code === DELETE ? '␡' : '�'
  return picture + found.slice(1)
}
