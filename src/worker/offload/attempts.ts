import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { TerminalError } from '../../errors.ts'

/** The number of programs that may die while they read an input, before it is refused. */
const MAX_CUT_OFF = 2
/** ms after which an input is tried again. */
const FORGOTTEN_AFTER = 24 * 60 * 60 * 1000

const folders = new Set<string>()
const running = new Map<string, number>()

/**
 * Marks inputs that are being read in this folder, so that the next program knows those that this one did not live to
 * read. A normal end of the process leaves no mark. Returns the function that ends this.
 */
export function keepAttempts(folder: string): () => void {
  if (folders.size === 0) process.on('exit', unmarkAll)
  folders.add(folder)
  for (const hash of existsSync(folder) ? readdirSync(folder) : []) cutOff(join(folder, hash))
  return () => {
    for (const hash of running.keys()) rmSync(join(folder, hash), { force: true })
    folders.delete(folder)
    if (folders.size === 0) process.off('exit', unmarkAll)
  }
}

/**
 * Marks an input before it is read, and returns the function that takes the mark back, however the reading ends.
 * @throws TerminalError `cut_off` if two programs in a row ended while they read it
 */
export function beginAttempt(hash: string): () => void {
  const count = running.get(hash) ?? 0
  if (count === 0) for (const folder of folders) mark(folder, hash)
  running.set(hash, count + 1)
  return () => {
    const left = running.get(hash)! - 1
    if (left > 0) return void running.set(hash, left)
    running.delete(hash)
    unmark(hash)
  }
}

function mark(folder: string, hash: string): void {
  const before = cutOff(join(folder, hash))
  if (before >= MAX_CUT_OFF)
    throw new TerminalError(`Reading it was cut off ${before} times, each time by the end of the whole program.`, {
      code: 'cut_off',
      hint: 'Save it as plain text. It is tried again after a day, or once the file of its hash is deleted from the folder readings.',
    })
  mkdirSync(folder, { recursive: true, mode: 0o700 })
  writeFileSync(join(folder, hash), String(before + 1), { mode: 0o600 })
}

function cutOff(path: string): number {
  const found = statSync(path, { throwIfNoEntry: false })
  if (!found) return 0
  if (Date.now() - found.mtimeMs < FORGOTTEN_AFTER) return Number(readFileSync(path, 'utf8'))
  rmSync(path, { force: true })
  return 0
}

function unmark(hash: string): void {
  for (const folder of folders) rmSync(join(folder, hash), { force: true })
}

function unmarkAll(): void {
  for (const hash of running.keys()) unmark(hash)
}
