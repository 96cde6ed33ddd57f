import { createHash } from 'node:crypto'
import { readFile, rm } from 'node:fs/promises'
import { dirname } from 'node:path'
import { TerminalError } from '../../../errors.ts'
import type { Json } from '../../../kernel/json.ts'
import {
  countMissingFolders,
  makeParent,
  removeEmptyFolders,
  replaceFile,
  syncFolder,
  writeDraft,
} from './atomic-write.ts'
import { findEntry } from './read.ts'

/** A path before a tool changed it: absent (with missing parent folders), a file's content, or an entry not kept. */
export type FileSnapshot =
  | { readonly was: 'nothing'; readonly folders?: number }
  | { readonly was: 'file'; readonly content: string; readonly mode: number }
  | { readonly was: 'other'; readonly why: string }

/** Larger files are not kept for undo. */
const MAX_SNAPSHOT_BYTES = 4 * 1024 * 1024

export async function takeSnapshot(real: string): Promise<FileSnapshot> {
  const found = await findEntry(real)
  if (!found) return { was: 'nothing', folders: await countMissingFolders(real) }
  if (!found.isFile()) return { was: 'other', why: 'it was not a plain file' }
  if (found.size > MAX_SNAPSHOT_BYTES) return { was: 'other', why: 'it was too large to be kept' }
  return { was: 'file', content: (await readFile(real)).toString('base64'), mode: found.mode }
}

/** Restores the state of a path unless something else changed it since. Idempotent. */
export async function restoreSnapshot(path: string, real: string, memo: Json, made: string | undefined): Promise<void> {
  const before = memo as FileSnapshot
  if (before.was === 'other') throw new TerminalError(`${path} cannot be brought back: ${before.why}`)
  const now = await digestOfFile(real)
  if (now !== digestBefore(before)) {
    if (now !== made) throw new TerminalError(`${path} has changed since, so it stays as it is.`)
    await (before.was === 'nothing' ? remove(real) : restore(real, before))
  }
  if (before.was === 'nothing') await removeEmptyFolders(real, before.folders)
}

async function remove(real: string): Promise<void> {
  await rm(real)
  await syncFolder(dirname(real))
}

async function restore(real: string, { content, mode }: FileSnapshot & { readonly was: 'file' }): Promise<void> {
  await makeParent(real)
  await replaceFile(real, 'undo', (draft) => writeDraft(draft, Buffer.from(content, 'base64'), mode))
}

/** Identifies the content of a file. Undefined if there is no file. */
export async function digestOfFile(real: string): Promise<string | undefined> {
  const found = await findEntry(real)
  if (!found) return undefined
  return found.isFile() ? digestOfBytes(await readFile(real)) : 'other'
}

export const digestOfBytes = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex')

function digestBefore(before: Exclude<FileSnapshot, { readonly was: 'other' }>): string | undefined {
  return before.was === 'file' ? digestOfBytes(Buffer.from(before.content, 'base64')) : undefined
}
