import { resolve } from 'node:path'
import { InvalidError, is } from '../../errors.ts'
import { type FileRef, isFileId } from '../../lib/media/file-ref.ts'
import { MAX_MESSAGE_FILES } from '../../lib/media/file-schema.ts'
import { ownerField } from '../../lib/owner.ts'

/** A file as a caller names it: an absolute path on this machine, the id of a stored file, or a reference to it. */
export type MessageFile = string | { readonly file: string }

/** The stored files of owners, as messages need them. */
export interface StoredFiles {
  /** Error of code `file_not_found` if the owner does not have one of them. The work uses them from now on. */
  resolve(files: readonly string[], of: { readonly owner?: string; readonly use?: string }): Promise<readonly FileRef[]>
  get(file: string, of: { readonly owner?: string }): Promise<FileRef>
  /** All that one work uses, another one uses, too. */
  copyUses(uses: { readonly from: string; readonly to: string }, of: { readonly owner?: string }): Promise<void>
}

/** The stored files of a message, each with its place in the list, and the paths that it opens to its agent. */
type NamedFiles = {
  readonly paths: readonly string[]
  readonly stored: readonly { readonly id: string; readonly place: string }[]
}

/** Tells paths from stored files. InvalidError for anything else, and for too many stored files. */
export function namedFiles(files: readonly MessageFile[] = []): NamedFiles {
  const paths: string[] = []
  const stored: NamedFiles['stored'][number][] = []
  for (const [at, one] of files.entries()) {
    const place = `files[${at}]`
    const id = typeof one === 'string' ? one : one?.file
    if (typeof one === 'string' && !isFileId(one)) paths.push(resolve(one))
    else if (isFileId(id)) stored.push({ id, place })
    else
      throw new InvalidError(`\`${place}\`: expected a path, the id of a file, or { file: 'file_…' }.`, {
        place: { path: place },
        hint: 'PUT /v1/files gives the id of a file.',
      })
  }
  if (stored.length > MAX_MESSAGE_FILES)
    throw new InvalidError(`Expected at most ${MAX_MESSAGE_FILES} files in a message, got ${stored.length}.`, {
      place: { path: 'files' },
      hint: 'Send them in several messages.',
    })
  return { paths, stored }
}

/** The references to the files of a message. An unknown one is an error of code `file_not_found` with its place. */
export async function resolveFiles(
  files: StoredFiles,
  stored: NamedFiles['stored'],
  { owner, use }: { readonly owner: string | undefined; readonly use: string },
): Promise<readonly FileRef[]> {
  if (stored.length === 0) return []
  const ids = [...new Set(stored.map(({ id }) => id))]
  try {
    return await files.resolve(ids, { ...ownerField(owner), use })
  } catch (error) {
    if (!is(error) || error.code !== 'file_not_found') throw error
    for (const { id, place } of stored) await files.get(id, ownerField(owner)).catch((cause) => missing(cause, place))
    throw error
  }
}

function missing(error: unknown, place: string): never {
  if (!is(error) || error.code !== 'file_not_found') throw error
  throw new InvalidError(`\`${place}\`: ${error.message}`, {
    code: 'file_not_found',
    place: { path: place },
    hint: 'To see your files: antiphon files list',
  })
}

/** A message with the paths that it opens. */
export function withPaths(text: string, paths: readonly string[]): string {
  return paths.length === 0 ? text : `${text}\n\nFiles of this message:\n${paths.map((path) => `- ${path}`).join('\n')}`
}

export const sameFiles = (known: readonly FileRef[] = [], stored: NamedFiles['stored']): boolean => {
  const ids = new Set(stored.map(({ id }) => id))
  return ids.size === known.length && known.every(({ file }) => ids.has(file))
}

/** The text of a message that has files and no words. */
export const FILES_ALONE = '(files)'
