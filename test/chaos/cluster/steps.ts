/** How many steps a run has. */
export const STEPS = 10

/** Every third step must not do its second effect twice. */
export const isOnce = (at: number) => at % 3 === 2

/** What a step gives whose effect was interrupted and must not be repeated. */
export const UNKNOWN = 'unknown'
