/**
 * The version of all stored data: tables, log rows, and records of actors. Any change raises it.
 * There are no conversions; data of another version is refused.
 */
export const STORED_FORMAT = 16
