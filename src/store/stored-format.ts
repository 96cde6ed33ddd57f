/**
 * The version of all stored data: tables, log rows, records of actors, and compiled pipelines. Any change raises it.
 * Data of another version is refused.
 */
export const STORED_FORMAT = 19

/** The version of memory.db, which has one of its own. */
export const MEMORY_FORMAT = 3
