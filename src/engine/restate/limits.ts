const HOUR = 3_600_000

/** The longest effect: a pipeline step and a terminal command may ask for a day. */
export const MAX_EFFECT_MS = 24 * HOUR

/** Timeouts of services in ms. A turn that sleeps long is suspended; an effect is never aborted for its duration. */
export const INACTIVITY_TIMEOUT_MS = HOUR / 4
/**
 * ms until the server suspends an invocation that waits for the reply to an ask. A reply may take days, and a node
 * that stops would wait for it; most replies come sooner and are not slower for this.
 */
export const REPLY_INACTIVITY_TIMEOUT_MS = 1_000
export const ABORT_TIMEOUT_MS = MAX_EFFECT_MS + HOUR

/** Parts or events per read. Even the largest, with three bytes per character, fit into one response (32 MiB). */
export const STATE_PAGE_SIZE = 40

/** Effectively unlimited: the server's largest count. A turn that it gave up would block its actor silently. */
export const MAX_RETRY_ATTEMPTS = 2 ** 31
