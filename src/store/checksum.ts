import { crc32 } from 'node:zlib'

/** What a row of the log is checked by when it is read again. */
export const checksumOf = (log: string, ids: string | null): number => crc32(ids ?? '', crc32(log))
