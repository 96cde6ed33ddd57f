import { BusyError } from '../../errors.ts'
import type { OwnerCalls } from '../duties/calls.ts'
import { finishErasures } from '../erasures.ts'
import type { MemoryStore } from '../store/open-store.ts'
import type { MemoryCall } from '../store/threads/work.ts'
import type { Waker } from './wake.ts'

/** Erases everything of an owner, or counts its records (`dryRun`). May be repeated. BusyError while it has to wait. */
export function ownerForgetter({ read, write }: OwnerCalls, waker: Waker) {
  return async (owner: string, { dryRun }: { readonly dryRun: boolean }): Promise<number> => {
    const stats = await read(owner, 'stats', {})
    if (!stats || dryRun) return stats?.records ?? 0
    waker.forget(owner)
    await write(owner, 'forget', { target: { all: true } })
    const left = await finishErasures((name, input) => write(owner, name, input))
    if (left > 0)
      throw new BusyError(
        'Its erasure in memory.db waits: the file is being read, or its copies on Redis cannot be removed.',
      )
    await write(owner, 'forgetOwner', {})
    return stats.records
  }
}

/** Calls that bring records. */
const BRINGS: ReadonlySet<MemoryCall['name']> = new Set([
  'add',
  'documents',
  'beginImport',
  'stageImport',
  'finishImport',
])

/** A store that refuses records of an owner during its erasure. */
export function refusingStore(
  store: MemoryStore,
  checkOwner: (owner: string | undefined) => Promise<void>,
): MemoryStore {
  return {
    ...store,
    async write(call) {
      if (BRINGS.has(call.name)) await checkOwner(call.owner)
      return store.write(call)
    },
  }
}
