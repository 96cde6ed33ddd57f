/** Upper bounds of memory. Bytes are UTF-8; `query` and `pinned` (all pins) characters; `where` fields of a filter. */
export const MEMORY_LIMITS = {
  text: 256 * 1024,
  data: 16 * 1024,
  records: 1000,
  query: 2000,
  pinned: 2000,
  where: 32,
} as const
