import type { Activity } from './activity.ts'

/**
 * Lets new work in, or throws why none is: `degraded` when the data folder is gone or cannot be written. `isNew` is asked before work is
 * refused: what was begun under the same id goes on.
 */
export type Admit = (isNew?: () => Promise<boolean>) => Promise<void>

type Parts = { readonly activity: Pick<Activity, 'check'> }

/** Decides whether new work is let in; what is under way goes on. */
export function createAdmission({ activity }: Parts): Admit {
  return async () => activity.check()
}
