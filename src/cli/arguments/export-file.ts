import { existsSync } from 'node:fs'
import { open, rename, rm } from 'node:fs/promises'
import { InvalidError } from '../../errors.ts'
import type { Terminal } from '../terminal/terminal.ts'
import { resolveOutputFile } from './output-file.ts'

/** Where an export goes: a new file, or standard output (undefined). @throws InvalidError if the file exists already */
export function exportPath(
  { folder }: Terminal,
  given: string,
  { force, example }: { readonly force: boolean; readonly example: string },
): string | undefined {
  const path = given === '-' ? undefined : resolveOutputFile(given, folder, [], example)
  if (path === undefined || force || !existsSync(path)) return path
  throw new InvalidError(`${given} exists already.`, { hint: 'To replace it, add --force.' })
}

/**
 * Writes an export in pieces of whole lines to standard output, or to a private file, which has its name when it is
 * whole. Gives the number of lines after the first one, if it is a file.
 */
export async function writeExport(
  terminal: Terminal,
  pieces: AsyncIterable<string>,
  path: string | undefined,
): Promise<number | undefined> {
  if (path !== undefined) return writePieces(pieces, path)
  for await (const piece of pieces) terminal.data(piece.replace(/\n$/, ''))
  return undefined
}

async function writePieces(pieces: AsyncIterable<string>, path: string): Promise<number> {
  let lines = 0
  async function* counted() {
    for await (const piece of pieces) {
      for (let at = piece.indexOf('\n'); at >= 0; at = piece.indexOf('\n', at + 1)) lines++
      yield piece
    }
  }
  await writeWhole(counted(), path)
  return lines - 1
}

/** Writes a private file beside its path, and gives it its name when it is whole. */
export async function writeWhole(pieces: AsyncIterable<string | Uint8Array>, path: string): Promise<void> {
  const draft = `${path}.part`
  await rm(draft, { force: true })
  const file = await open(draft, 'wx', 0o600)
  try {
    for await (const piece of pieces) await file.writeFile(piece)
    await file.sync()
  } catch (error) {
    await rm(draft)
    throw error
  } finally {
    await file.close()
  }
  await rename(draft, path)
}
