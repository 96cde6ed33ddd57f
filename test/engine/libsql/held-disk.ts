import type { Database, Write } from '../../../src/store/database/database.ts'

/** An empty disk that writes when the test says so: what waits for it can be seen waiting. */
export interface HeldDisk extends Database {
  /** All that was given to be written, in that order. */
  readonly writes: readonly Write[]
  /** Writes the oldest that is not written yet. */
  writeNext(): void
  /** Writes all, and from now on at once. */
  letGo(): void
  fail(error: Error): void
}

export function heldDisk(): HeldDisk {
  const writes: Write[] = []
  let next = 0
  let isHeld = true
  let written = (_seq: number) => {}
  let failed = (_error: Error) => {}

  const writeNext = () => written(writes[next++]!.seq)
  const writeAll = () => {
    while (next < writes.length) writeNext()
  }

  return {
    writes,
    writeNext,
    letGo() {
      isHeld = false
      writeAll()
    },
    fail: (error) => failed(error),
    write(write) {
      writes.push(write)
      if (!isHeld) writeAll()
    },
    onWritten: (listener) => (written = listener),
    onFailed: (listener) => (failed = listener),
    all: () => [],
    first: () => undefined,
    close: async () => {},
  }
}

/** Whether it goes on waiting when all that can happen now has happened. */
export async function waits(promise: Promise<unknown>): Promise<boolean> {
  let isOver = false
  const end = () => {
    isOver = true
  }
  promise.then(end, end)
  await settle()
  return !isOver
}

/** Lets all happen that waits for nothing from outside. */
export async function settle(): Promise<void> {
  for (let turn = 0; turn < 20; turn++) await new Promise((resolve) => setImmediate(resolve))
}
