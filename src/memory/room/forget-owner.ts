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

/** The texts of a record. Its id, owner, space and kind stay as they are, and so does its vector. */
const TEXTS: ReadonlySet<string> = new Set(['text', 'data', 'subject'])

function shownRecords(input: unknown, shown: Checks['shown']): unknown {
  if (Array.isArray(input)) return input.map((one) => shownRecords(one, shown))
  if (typeof input !== 'object' || input === null || ArrayBuffer.isView(input)) return input
  const safe = Object.entries(input).map(([name, value]) => [
    name,
    TEXTS.has(name) ? shown(value) : shownRecords(value, shown),
  ])
  return Object.fromEntries(safe)
}

type Checks = {
  checkOwner(owner: string | undefined): Promise<void>
  shown<Value>(value: Value): Value
}

/** A store that takes no secrets, and refuses records of an owner during its erasure. */
export function checkedStore(store: MemoryStore, { checkOwner, shown }: Checks): MemoryStore {
  return {
    ...store,
    async write(call) {
      if (!BRINGS.has(call.name)) return store.write(call)
      await checkOwner(call.owner)
      const isSafe = shown(call.input) === call.input
      return store.write(isSafe ? call : ({ ...call, input: shownRecords(call.input, shown) } as MemoryCall))
    },
  }
}
