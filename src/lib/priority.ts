/** Priorities, highest first. Work that waits rises over time, so none waits for ever. */
export const PRIORITIES = ['critical', 'high', 'normal', 'low'] as const
export type Priority = (typeof PRIORITIES)[number]

/** The place of a priority among all, the highest at 0; absent: normal. */
export const levelOf = (priority: Priority = 'normal'): number => PRIORITIES.indexOf(priority)
