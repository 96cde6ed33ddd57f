import { crc32 } from 'node:zlib'

/** In place of the checksum of a row that was written before rows had one. */
export const UNCHECKED = -1

/** The checksum of a row of the log; `seq` is 0 for a row of before schema 14. */
export const checksumOf = (log: string | Buffer, ids: string | Buffer | null, seq = 0): number =>
  crc32(ids ?? '', crc32(log, seq % 2 ** 32))

/** The checksum of the values of a row. */
export const sumOf = (values: readonly (string | number | null)[]): number => crc32(values.join(SEPARATOR))

/** Stands between the values of a row: JSON has it nowhere. */
export const SEPARATOR = '\0'
