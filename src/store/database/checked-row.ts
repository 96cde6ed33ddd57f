import { crc32 } from 'node:zlib'

export const logChecksum = (log: string | Buffer, ids: string | Buffer | null, seq: number): number =>
  crc32(ids ?? '', crc32(log, seq % 2 ** 32))

export const rowChecksum = (values: readonly (string | number | null)[]): number => crc32(values.join(SEPARATOR))

/** Separates the values of a row. JSON never contains it. */
export const SEPARATOR = '\0'

/** Bytes from libSQL: one row or all rows. */
export type Bytes = Uint8Array | ArrayBuffer

/** SQL that reads text columns as one blob. libSQL aborts the process on a text that is not UTF-8. */
export function bytesOf(...columns: readonly string[]): string {
  return `cast(${columns.map((column) => `ifnull(${column}, '')`).join(' || char(0) || ')} as blob)`
}

/** Decodes bytes and replaces invalid parts with U+FFFD. */
export function textOf(bytes: Bytes): string {
  return (
    bytes instanceof ArrayBuffer ? Buffer.from(bytes) : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length)
  ).toString()
}

/** The texts read with `bytesOf`. Undefined if the checksum differs. `sum` covers `key` and then the texts. */
export function checkedTexts(
  bytes: Bytes | null,
  sum: number | null,
  ...key: readonly (string | number)[]
): readonly string[] | undefined {
  if (bytes === null) return undefined
  const text = textOf(bytes)
  return rowChecksum([...key, text]) === sum ? text.split(SEPARATOR) : undefined
}

/** Splits texts of which only the last is JSON: the first may contain a separator. */
export function splitLast(texts: readonly string[]): readonly [first: string, last: string] {
  return [texts.slice(0, -1).join(SEPARATOR), texts.at(-1)!]
}
