/**
 * The number of the format of everything stored: the tables, the rows of the log, and the records that actors keep. A change of
 * any of these raises it. Nothing converts older data, so data of another number is refused.
 */
export const STORED_FORMAT = 15
