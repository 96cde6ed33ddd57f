import { readFile, rm } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { identityOf } from '../data-folder/owner-record.ts'
import { writeWhole } from '../files/durable-file.ts'
import { ignoreMissing } from '../files/private.ts'

/** Where the draft of a backup lies while it is written, and of which data folder: a copy of the folder has other drafts. */
type Note = { readonly draft: string; readonly identity: string | undefined }

const noteIn = (data: string) => join(data, 'backup-draft.json')

/** Notes where a draft lies, so that the next owner of the data folder can remove it should this process be killed. */
export function noteDraft(data: string, draft: string): Promise<void> {
  const note: Note = { draft: resolve(draft), identity: identityOf(data) }
  return writeWhole(noteIn(data), `${JSON.stringify(note)}\n`, data)
}

/** Removes the noted draft; without one it does nothing. Only the owner of the data folder may, while it makes no backup. */
export async function removeNotedDraft(data: string): Promise<void> {
  const text = await readFile(noteIn(data), 'utf8').catch(ignoreMissing)
  if (text === undefined) return
  const { draft, identity } = JSON.parse(text) as Note
  const paths = identity === identityOf(data) ? [draft, `${draft}-journal`] : []
  // a draft on a disk that is away or read-only keeps nobody from working here
  for (const path of paths) await rm(path, { force: true }).catch(() => {})
  await rm(noteIn(data), { force: true })
}
