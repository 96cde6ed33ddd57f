import { type KeyTable, list, TEXT } from './key-table.ts'

/** Seconds that a reply is kept at most. */
export const LONGEST_TTL = 30 * 86_400
/** Tags that the reply of one step may have. */
export const MOST_TAGS = 20

/** What may stand in `cache:` where that is a map. */
export const CACHE_TABLE: KeyTable = {
  ttl: { says: 'Seconds, 30 days at most.', shape: { type: 'number', exclusiveMinimum: 0, maximum: LONGEST_TTL } },
  tags: {
    says: 'What the reply can be dropped by (`antiphon cache drop --tag`); templates.',
    shape: { ...list(TEXT, 1), maxItems: MOST_TAGS },
  },
}
