import { crc32 } from 'node:zlib'

/** In place of the checksum of a row that was written before there were any. */
export const UNCHECKED = -1

/** What a row of the log is checked by when it is read again. */
export const checksumOf = (log: string | Buffer, ids: string | Buffer | null): number => crc32(ids ?? '', crc32(log))
