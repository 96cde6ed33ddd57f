import { closeSync, constants, openSync, readFileSync, writeSync } from 'node:fs'
import { dirname } from 'node:path'
import { makePrivateFolder } from './private.ts'

/** The last starts of something in a file, for the processes that use it one after the other. */
interface StartTimes {
  /** ms since each start, oldest first */
  ages(): readonly number[]
  /** Writes a start at this moment. */
  add(): void
  close(): void
}

const BYTES = 8

/**
 * A file of the last `most` starts, in ms since the epoch. The oldest is overwritten, so the
 * file does not grow, and a process that dies leaves nothing to repair. Writes reach the system
 * at once and are not flushed. A start in the future (the clock was set back) becomes one of
 * now. A file that cannot be used is a warning: starts then count in this process alone.
 */
export function openStartTimes(path: string, most: number, now: () => number = Date.now): StartTimes {
  let file = openOrWarn(path)
  const written = file === undefined ? [] : timesIn(readFileSync(file))
  const starts = written.map((at) => Math.min(at, now()))
  // a missing place counts as the oldest
  const order = Array.from({ length: most }, (_, place) => place).sort((a, b) => (starts[a] ?? 0) - (starts[b] ?? 0))
  const bytes = Buffer.alloc(BYTES)
  let added = 0
  // else it would count as one of now in each later process
  for (const [place, at] of written.entries()) if (at > starts[place]!) write(starts[place]!, place)

  function write(at: number, place: number): void {
    if (file === undefined) return
    bytes.writeDoubleLE(at)
    try {
      writeSync(file, bytes, 0, BYTES, place * BYTES)
    } catch (error) {
      close()
      warn(path, error)
    }
  }

  function close(): void {
    if (file !== undefined) closeSync(file)
    file = undefined
  }

  return {
    ages() {
      // a clock of whole ms hides up to one of them
      const ages = starts.filter((at) => at > 0).map((at) => Math.max(0, now() - at - 1))
      return ages.sort((a, b) => b - a).slice(-most)
    },
    add: () => write(now(), order[added++ % most]!),
    close,
  }
}

function openOrWarn(path: string): number | undefined {
  try {
    makePrivateFolder(dirname(path))
    return openSync(path, constants.O_RDWR | constants.O_CREAT, 0o600)
  } catch (error) {
    warn(path, error)
    return undefined
  }
}

function warn(path: string, error: unknown): void {
  process.emitWarning(`starts are not kept for later processes: ${path}: ${(error as Error).message}`, 'StartsWarning')
}

function timesIn(bytes: Buffer): readonly number[] {
  return Array.from({ length: Math.floor(bytes.length / BYTES) }, (_, place) => {
    const at = bytes.readDoubleLE(place * BYTES)
    return Number.isFinite(at) ? at : 0
  })
}
