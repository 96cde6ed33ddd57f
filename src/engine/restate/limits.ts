const HOUR = 3_600_000

/** ms that one effect may take: a step of a pipeline and a command of its terminal may ask for a day. */
export const LONGEST_EFFECT = 24 * HOUR

/** What services ask of the server, in ms: a turn that sleeps for long stands aside, an effect is never broken off for being long. */
export const INACTIVITY = HOUR / 4
export const ABORT = LONGEST_EFFECT + HOUR

/** Parts or events that are read at once: of the largest, with three bytes for each character, so many come into one answer of the server (32 MiB). */
export const PAGE = 40

/** No end to attempts: a turn that was given up by the server would hold up its actor without a word. The most it can write down. */
export const ENDLESS = 2 ** 31
