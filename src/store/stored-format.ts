/**
 * The version of all stored data: tables, log rows, records of actors, and compiled pipelines. Any change raises it.
 * Data of a version that this release does not read is refused.
 */
export const STORED_FORMAT = 18

/** The oldest version that this release reads and goes on with. Opening the data gives it the present number. */
export const OLDEST_READABLE_FORMAT = 16

/** The version of memory.db, which has one of its own. */
export const MEMORY_FORMAT = 2

/** Whether this release reads stored data of that version. */
export const isReadableFormat = (format: number) => format >= OLDEST_READABLE_FORMAT && format <= STORED_FORMAT
