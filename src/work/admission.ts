import type { DiskSpaceWatch } from '../store/data-folder/disk-space.ts'
import type { Activity } from './activity.ts'

/**
 * Admits new work.
 * @throws `degraded` if the data folder is gone or not writable, `storage` if the disk has less
 * space than the reserve, `being_forgotten` while everything of the owner is being removed. `isNew` is asked before
 * work is rejected for lack of space: existing work continues.
 */
export type Admit = (owner: string | undefined, isNew?: () => Promise<boolean>) => Promise<void>

type Parts = {
  readonly activity: Pick<Activity, 'check'>
  readonly space: Pick<DiskSpaceWatch, 'check'>
  checkOwner(owner: string | undefined): Promise<void>
}

/** Decides on new work. Running work continues. */
export function createAdmission({ activity, space, checkOwner }: Parts): Admit {
  return async (owner, isNew = async () => true) => {
    activity.check()
    await checkOwner(owner)
    try {
      await space.check()
    } catch (error) {
      if (await isNew()) throw error
    }
  }
}
