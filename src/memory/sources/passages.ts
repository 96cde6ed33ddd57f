import { hash } from 'node:crypto'
import type { FilePassage } from '../../source/document.ts'
import { recordText } from '../record.ts'
import type { StoredPassage } from '../store/documents/store-documents.ts'

/**
 * The passages of a document with their ids. An id follows from document, space, headings and text, so a passage that
 * only moves in its file stays the same record. The same text for the n-th time in one document has an id of its own.
 */
export function storedPassages(
  { ref, space }: { readonly ref: string; readonly space: string },
  passages: readonly FilePassage[],
): readonly StoredPassage[] {
  const times = new Map<string, number>()
  return passages
    .filter(({ text }) => text.trim() !== '')
    .map(({ text, heading, locator }) => {
      const content = JSON.stringify([ref, space, heading, text])
      const time = times.get(content) ?? 0
      times.set(content, time + 1)
      const id = `p_${hash('sha256', `${time}${content}`, 'base64url').slice(0, 22)}`
      return { id, text: recordText(text), heading: recordText(heading), at: locator }
    })
}
