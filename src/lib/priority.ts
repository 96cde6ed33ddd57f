/** Priorities, highest first. Waiting work rises over time, so none waits forever. */
export const PRIORITIES = ['critical', 'high', 'normal', 'low'] as const
export type Priority = (typeof PRIORITIES)[number]

/** The place of a priority among all, the highest at 0; absent: normal. */
export const levelOf = (priority: Priority = 'normal'): number => PRIORITIES.indexOf(priority)
