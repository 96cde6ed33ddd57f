import type { DiskSpaceWatch } from '../../store/data-folder/disk-space.ts'
import type { Activity } from './activity.ts'

/**
 * Lets new work in, or throws why none is: `degraded` when the data folder is gone or cannot be written, `storage` when its disk has
 * less room than the reserve. `isNew` is asked before work is refused for want of room: what was begun under the same id goes on.
 */
export type Admit = (isNew?: () => Promise<boolean>) => Promise<void>

type Parts = { readonly activity: Pick<Activity, 'check'>; readonly room: Pick<DiskSpaceWatch, 'check'> }

/** Decides whether new work is let in; what is under way goes on. */
export function createAdmission({ activity, room }: Parts): Admit {
  return async (isNew = async () => true) => {
    activity.check()
    try {
      await room.check()
    } catch (error) {
      if (await isNew()) throw error
    }
  }
}
