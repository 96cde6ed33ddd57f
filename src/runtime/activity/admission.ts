import type { DiskSpaceWatch } from '../../store/data-folder/disk-space.ts'
import type { Activity } from './activity.ts'

/**
 * Admits new work.
 * @throws `degraded` if the data folder is gone or not writable, `storage` if the disk has less
 * space than the reserve. `isNew` is asked before work is rejected for lack of space: existing work
 * continues.
 */
export type Admit = (isNew?: () => Promise<boolean>) => Promise<void>

type Parts = { readonly activity: Pick<Activity, 'check'>; readonly room: Pick<DiskSpaceWatch, 'check'> }

/** Decides on new work. Running work continues. */
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
