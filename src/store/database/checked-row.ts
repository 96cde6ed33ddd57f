import { crc32 } from 'node:zlib'

/** The checksum of a row of the log. */
export const logChecksum = (log: string | Buffer, ids: string | Buffer | null, seq: number): number =>
  crc32(ids ?? '', crc32(log, seq % 2 ** 32))

/** The checksum of the values of a row. */
export const rowChecksum = (values: readonly (string | number | null)[]): number => crc32(values.join(SEPARATOR))

/** Stands between the values of a row: JSON has it nowhere. */
export const SEPARATOR = '\0'

/** Bytes as libSQL gives them: one row or all rows. */
export type Bytes = Uint8Array | ArrayBuffer

/** SQL for the texts of some columns as one run of bytes: libSQL ends the process that reads a text which is not UTF-8. */
export function bytesOf(...columns: readonly string[]): string {
  return `cast(${columns.map((column) => `ifnull(${column}, '')`).join(' || char(0) || ')} as blob)`
}

/** The text of bytes, with U+FFFD for each byte that is not part of one. */
export function textOf(bytes: Bytes): string {
  return (
    bytes instanceof ArrayBuffer ? Buffer.from(bytes) : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length)
  ).toString()
}

/**
 * The texts that `bytesOf` read, or undefined when the row is not as it was written. `sum` covers the values of `key` and then the texts.
 */
export function checkedTexts(
  bytes: Bytes | null,
  sum: number | null,
  ...key: readonly (string | number)[]
): readonly string[] | undefined {
  if (bytes === null) return undefined
  const text = textOf(bytes)
  return rowChecksum([...key, text]) === sum ? text.split(SEPARATOR) : undefined
}

/** Splits texts of which only the last is JSON: what comes before it may hold a separator itself. */
export function splitLast(texts: readonly string[]): readonly [first: string, last: string] {
  return [texts.slice(0, -1).join(SEPARATOR), texts.at(-1)!]
}
