import { copyFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { onTestFinished } from 'vitest'
import { openWriter } from '../../../src/store/database/writer.ts'
import { OPTIONS } from './schema.ts'

export { OPTIONS } from './schema.ts'

/** A path for a database in a folder of its own. */
export function newPath(): string {
  const folder = mkdtempSync(join(tmpdir(), 'antiphon-wal-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  return join(folder, 'engine.db')
}

/** A database that is being written, and its bytes at any moment. */
export function openLog(path = newPath()) {
  const writer = openWriter({ path, ...OPTIONS })
  onTestFinished(() => writer.close())
  let seq = 0
  return {
    path,
    writer,
    /** One transaction. */
    write: (characters = 10) => writer.write({ seq: ++seq, log: 'x'.repeat(characters) }),
    log: () => readFileSync(`${path}-wal`),
    last: () => seq,
  }
}

/** A log that has begun anew: behind its end lie frames of the log before. */
export function openRenewed() {
  const opened = openLog()
  for (let n = 0; n < 60; n++) opened.write(3_000)
  opened.writer.copy('PASSIVE')
  return opened
}

/** The same database with another log, as a crash leaves it. */
export function copyWith(path: string, log: Uint8Array): string {
  const copy = newPath()
  copyFileSync(path, copy)
  writeFileSync(`${copy}-wal`, log)
  return copy
}

/** The bytes at which the frames of a log end. */
export const FRAME = 4_120
