import { closeSync, fstatSync, openSync, readSync, writeSync } from 'node:fs'
import type { Json } from '../../kernel/schema.ts'

/** Notes in a file that no engine knows of; what was written there survives the writer's kill. */
export interface Ledger {
  write(note: Json): void
  /** What was written since the last call, by whomever. */
  read(): readonly Json[]
  close(): void
}

/** Opens (and creates) a ledger; several processes may write to the same one. */
export function openLedger(path: string): Ledger {
  const file = openSync(path, 'a+')
  let position = 0
  return {
    write: (note) => void writeSync(file, `${JSON.stringify(note)}\n`),
    read() {
      const bytes = Buffer.alloc(fstatSync(file).size - position)
      position += readSync(file, bytes, 0, bytes.length, position)
      return bytes
        .toString()
        .split('\n')
        .filter(Boolean)
        .map((line) => JSON.parse(line))
    },
    close: () => closeSync(file),
  }
}
