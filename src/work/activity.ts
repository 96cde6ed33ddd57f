import { createAutoResetEvent } from '../engine/bus.ts'
import { BusyError, CancelledError } from '../errors.ts'

/** The runs and asks that this process works on. */
export interface Activity {
  /** Lists `id` until `work` settles. */
  track(id: string, work: Promise<unknown>): void
  ids(): readonly string[]
  has(id: string): boolean
  /** Resolves when no work is in progress; rejects when the disk refused a write. */
  idle(): Promise<void>
  /** Rejects when the disk refused a write, and when the runtime stops. */
  broken(): Promise<never>
  /** Throws once the disk has refused a write. */
  check(): void
  fail(error: Error): void
  /** Ends all waiting: no work is in progress any more. */
  end(): void
}

export function createActivity(): Activity {
  const active = new Map<string, number>()
  const bells = new Set<ReturnType<typeof createAutoResetEvent>>()
  const { promise: broken, reject } = Promise.withResolvers<never>()
  // nobody may be waiting for it
  broken.catch(() => {})
  let failure: Error | undefined

  const set = () => {
    for (const bell of bells) bell.set()
  }
  const leave = (id: string) => {
    const left = (active.get(id) ?? 1) - 1
    if (left === 0) active.delete(id)
    else active.set(id, left)
    set()
  }

  const check = () => {
    if (failure) throw failure
  }

  return {
    track(id, work) {
      active.set(id, (active.get(id) ?? 0) + 1)
      work.then(
        () => leave(id),
        () => leave(id),
      )
    },
    ids: () => [...active.keys()],
    has: (id) => active.has(id),
    async idle() {
      const bell = createAutoResetEvent()
      bells.add(bell)
      while (active.size > 0 && !failure) await bell.wait()
      bells.delete(bell)
      check()
    },
    broken: () => broken,
    check,
    fail(error) {
      failure = error
      reject(error)
      set()
    },
    end() {
      reject(new CancelledError('The runtime stopped; its work continues after a restart.', { code: 'stopped' }))
      active.clear()
      set()
    },
  }
}

/** The error if a move finds turns in flight. */
export function stillAtWork(ids: readonly string[]): BusyError {
  const whose = ids.length === 0 ? '' : ` (${ids.slice(0, 5).join(', ')})`
  return new BusyError(`The running work did not end in time${whose}; it continues here.`)
}

/**
 * Admits new work.
 * @throws `degraded` if the data folder is gone or not writable, `storage` if the disk has less
 * space than the reserve, `being_forgotten` while everything of the owner is being removed. `isNew` is asked before
 * work is rejected for lack of space: existing work continues.
 */
export type Admit = (owner: string | undefined, isNew?: () => Promise<boolean>) => Promise<void>

type AdmissionParts = {
  readonly activity: Pick<Activity, 'check'>
  /** the disk: error `storage` when it has less space than the reserve */
  readonly space: { check(): Promise<void> }
  checkOwner(owner: string | undefined): Promise<void>
}

/** Decides on new work. Running work continues. */
export function createAdmission({ activity, space, checkOwner }: AdmissionParts): Admit {
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
