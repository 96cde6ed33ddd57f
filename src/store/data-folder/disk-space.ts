import { statfs } from 'node:fs/promises'
import { RetryableError } from '../../errors.ts'

/** Bytes of a file system: total, and free for this user. */
type DiskSpace = { readonly total: number; readonly free: number }

/** Watches free disk space. Called before each piece of work, so it samples rarely. */
export interface DiskSpaceWatch {
  /** Call before writing. Large writes trigger a new sample. */
  wrote(bytes: number): void
  /** @throws RetryableError `storage` if less than the reserve, or than this part of it, is free */
  check(part?: number): Promise<void>
  /** Runs `write` if this part of the reserve stays free after all concurrent writes. */
  spend(bytes: number, part: number, write: () => Promise<void>): Promise<void>
}

export type DiskSpaceOptions = {
  /** MiB; absent: `usualReserve`; 0: no check */
  readonly reserve?: number
  readonly look?: (folder: string) => Promise<DiskSpace>
  /** monotonic clock in ms */
  readonly elapsed?: () => number
}

/** ms for which a sample is valid. */
const MAX_AGE_MS = 1_000
const MIB = 1024 * 1024

export function watchDiskSpace(
  folder: string,
  { reserve, look = spaceOf, elapsed = () => performance.now() }: DiskSpaceOptions = {},
): DiskSpaceWatch {
  let last: { readonly at: number; readonly free: number; readonly reserve: number } | undefined
  let looking: Promise<void> | undefined
  let written = 0
  let spending = 0

  async function lookAgain(): Promise<void> {
    const at = elapsed()
    written = 0
    const { total, free } = await look(folder)
    last = { at, free, reserve: reserve === undefined ? usualReserve(total) : reserve * MIB }
  }

  const isFresh = () => last !== undefined && elapsed() - last.at < MAX_AGE_MS && written < last.reserve / 4

  async function check(part = 1): Promise<void> {
    if (reserve === 0) return
    if (!isFresh()) await (looking ??= lookAgain().finally(() => (looking = undefined)))
    const free = last!.free - written - spending
    if (free < last!.reserve * part) throw lacking(Math.max(0, free), last!.reserve)
  }

  const wrote = (bytes: number) => void (written += bytes)

  return {
    wrote,
    check,
    async spend(bytes, part, write) {
      spending += bytes
      try {
        await check(part)
        await write()
        wrote(bytes)
      } finally {
        spending -= bytes
      }
    },
  }
}

/** A twentieth of the disk, from 64 MiB (which SQLite's log may need) to 256 MiB, at most a quarter of a small disk. */
const usualReserve = (total: number) => Math.min(Math.max(64 * MIB, Math.min(256 * MIB, total / 20)), total / 4)

async function spaceOf(folder: string): Promise<DiskSpace> {
  const { bsize, blocks, bavail } = await statfs(folder)
  return { total: blocks * bsize, free: bavail * bsize }
}

function lacking(free: number, reserve: number): RetryableError {
  const [left, reserved] = [free, reserve].map((bytes) => `${Math.ceil(bytes / MIB)} MiB`)
  return new RetryableError(`The disk of the data folder has ${left} free, but ${reserved} are reserved.`, {
    code: 'storage',
    hint: 'Free space on that disk. To delete expired data: antiphon gc',
  })
}
