import { closeSync, fstatSync, ftruncateSync, openSync, readSync, writeSync } from 'node:fs'
import type { Json } from '../../src/kernel/schema.ts'

/** Notes in a file outside the engine. A note survives the kill of its writer. */
export interface FileLedger {
  write(note: Json): void
  /**
   * The entries since the last call. Call it while nothing writes: an incomplete entry of a killed
   * process is cut off.
   */
  read(): readonly Json[]
  close(): void
}

const NEWLINE = 10

/** Opens (and creates) a ledger; several processes may write to the same one. */
export function openFileLedger(path: string): FileLedger {
  const file = openSync(path, 'a+')
  let position = 0
  return {
    write: (note) => void writeSync(file, `${JSON.stringify(note)}\n`),
    read() {
      const bytes = Buffer.alloc(fstatSync(file).size - position)
      readSync(file, bytes, 0, bytes.length, position)
      const whole = bytes.subarray(0, bytes.lastIndexOf(NEWLINE) + 1)
      position += whole.length
      ftruncateSync(file, position)
      const lines = whole.toString().split('\n').filter(Boolean)
      return lines.map((line) => JSON.parse(line))
    },
    close: () => closeSync(file),
  }
}
