import { statfs } from 'node:fs/promises'
import { RetryableError } from '../../errors.ts'

/** Bytes of a file system: all of them, and those that are free to this user. */
export type DiskSpace = { readonly total: number; readonly free: number }

/** Whether a disk has room for more; asked before each piece of work, so that it looks rarely. */
export interface DiskSpaceWatch {
  /** So many bytes are about to be written: after a good part of the reserve it looks again. */
  wrote(bytes: number): void
  /** Throws a RetryableError `storage` when less than the reserve is free, or less than that part of it. */
  check(part?: number): Promise<void>
  /** Writes so many bytes if that part of the reserve stays free, with all that is being written at the same time. */
  spend(bytes: number, part: number, write: () => Promise<void>): Promise<void>
}

export type DiskSpaceOptions = {
  /** MiB; absent: as `usualReserve`; 0: it never lacks room */
  readonly reserve?: number
  readonly look?: (folder: string) => Promise<DiskSpace>
  /** ms, from any start */
  readonly elapsed?: () => number
}

/** ms for which a look counts. */
const MAX_AGE_MS = 1_000
const MIB = 1024 * 1024

/** Watches the file system that a folder lies on. */
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

/** A twentieth of the disk, 256 MiB at most; 64 MiB at least, which SQLite's log may take, but no more than a quarter of a small disk. */
const usualReserve = (total: number) => Math.min(Math.max(64 * MIB, Math.min(256 * MIB, total / 20)), total / 4)

async function spaceOf(folder: string): Promise<DiskSpace> {
  const { bsize, blocks, bavail } = await statfs(folder)
  return { total: blocks * bsize, free: bavail * bsize }
}

function lacking(free: number, reserve: number): RetryableError {
  const [left, kept] = [free, reserve].map((bytes) => `${Math.ceil(bytes / MIB)} MiB`)
  return new RetryableError(`the disk of the data folder has ${left} free, and ${kept} are kept in reserve`, {
    code: 'storage',
    hint: 'Make room on that disk. To remove what is kept no longer: antiphon gc',
  })
}
