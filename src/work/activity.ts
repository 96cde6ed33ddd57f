import { createAutoResetEvent } from '../engine/bus.ts'
import { BusyError, CancelledError } from '../errors.ts'
import type { WorkRef } from '../house/actors.ts'

/** The work that this process does. */
export interface Activity {
  /** Lists `of` until `work` settles. */
  track(of: WorkRef, work: Promise<unknown>): void
  list(): readonly WorkRef[]
  has(of: WorkRef): boolean
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
  const active = new Map<string, { readonly of: WorkRef; count: number }>()
  const bells = new Set<ReturnType<typeof createAutoResetEvent>>()
  const { promise: broken, reject } = Promise.withResolvers<never>()
  // nobody may be waiting for it
  broken.catch(() => {})
  let failure: Error | undefined

  const set = () => {
    for (const bell of bells) bell.set()
  }
  const leave = (name: string) => {
    const entry = active.get(name)
    if (entry && --entry.count === 0) active.delete(name)
    set()
  }

  const check = () => {
    if (failure) throw failure
  }

  return {
    track(of, work) {
      const name = nameOf(of)
      const entry = active.get(name) ?? { of, count: 0 }
      entry.count++
      active.set(name, entry)
      work.then(
        () => leave(name),
        () => leave(name),
      )
    },
    list: () => Array.from(active.values(), ({ of }) => of),
    has: (of) => active.has(nameOf(of)),
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

const nameOf = ({ kind, id }: WorkRef) => `${kind}/${id}`

/** The error if a move finds turns in flight. */
export function stillAtWork(works: readonly WorkRef[]): BusyError {
  const first = works.slice(0, 5).map(({ id }) => id)
  const whose = first.length > 0 ? ` (${first.join(', ')})` : ''
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
