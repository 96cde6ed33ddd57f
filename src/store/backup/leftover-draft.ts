import { readFile, rm } from 'node:fs/promises'
import { resolve } from 'node:path'
import { placesIn } from '../data-folder/layout.ts'
import { identityOf } from '../data-folder/owner-record.ts'
import { writeWhole } from '../files/durable-file.ts'
import { ignoreMissing } from '../files/private.ts'
import { memoryDraftOf } from './memory-copy.ts'

/** The path of a draft, and the identity of its data folder: a copy of the folder must not delete it. */
type Note = { readonly draft: string; readonly identity: string | undefined }

const noteIn = (data: string) => placesIn(data).backupNote

/** Records the path of a draft, so that the next owner of the data folder can delete it after a crash. */
export function noteDraft(data: string, draft: string): Promise<void> {
  const note: Note = { draft: resolve(draft), identity: identityOf(data) }
  return writeWhole(noteIn(data), `${JSON.stringify(note)}\n`, data)
}

/** Deletes the recorded draft, if any. Only the owner of the data folder may call it, and not during a backup. */
export async function removeNotedDraft(data: string): Promise<void> {
  const text = await readFile(noteIn(data), 'utf8').catch(ignoreMissing)
  if (text === undefined) return
  const { draft, identity } = JSON.parse(text) as Note
  const paths = identity === identityOf(data) ? [draft, `${draft}-journal`, memoryDraftOf(draft)] : []
  // an unreachable or read-only disk must not prevent the start
  for (const path of paths) await rm(path, { force: true }).catch(() => {})
  await rm(noteIn(data), { force: true })
}
