import { stat } from 'node:fs/promises'
import { resolve } from 'node:path'
import type { Json } from '../../kernel/json.ts'
import { gapOfName, typeAt } from '../../lib/media/media-type.ts'
import { findSource } from '../../source/folder/find-source.ts'
import { listFolder } from '../../source/folder/list-folder.ts'
import type { MediaDocuments } from '../../source/media/documents.ts'
import { isMediaType } from '../../source/media/readers.ts'
import { readDocument, readDocumentFile, readTextDocument } from '../../source/source.ts'
import type { Blobs } from '../../store/blobs/blobs.ts'
import type { AskedSource } from '../../thread/room/sources.ts'
import { isClosedToReads, realRoots, resolveToRead, rulesOfReads } from '../../tool/roots.ts'
import type { ChainServices } from '../protocol/phase.ts'

/** The readers of the sources of asks. `root`: the folder that relative roots are below; `folder`: files of domains. */
export function chainReaders(
  values: Pick<Blobs, 'get'>,
  root: string,
  folder = root,
  media?: MediaDocuments,
): Required<Pick<ChainServices, 'readFile' | 'readBlob' | 'listFiles' | 'changedAt'>> &
  Pick<ChainServices, 'readStored' | 'shownFiles'> {
  return {
    async readFile(path, signal) {
      const type = (await typeAt(path)) ?? ''
      const isMedia = isMediaType(type) || type === 'application/pdf'
      const read = media && isMedia ? media.documentAt(path, type, { share: path, signal }) : undefined
      const content = await (read ?? readDocumentFile(path, { signal }))
      return { ...content, gaps: [...gapOfName(path, type), ...content.gaps] }
    },
    ...(media && {
      readStored: (file, owner, signal) => media.document(file, { share: owner, owner, signal }),
      shownFiles: (file, owner, signal) => media.shownFiles(file, { share: owner, owner, signal }),
    }),
    async readBlob(hash, name, signal) {
      const sent = await values.get(hash)
      return isBytes(sent)
        ? readDocument(name, Buffer.from(sent.base64, 'base64'), { signal })
        : readTextDocument(name, String(sent), { signal })
    },
    async changedAt(path, kind) {
      const { mtimeMs } = (await stat(kind === 'domain' ? resolve(folder, path) : path).catch(() => undefined)) ?? {}
      return mtimeMs === undefined ? undefined : Math.floor(mtimeMs)
    },
    async listFiles({ ref, pattern, roots }, { files, signal }) {
      const mayRead = roots && (await readableIn(root, roots))
      return listFolder(ref, { bounds: { files }, pattern, signal, ...(mayRead && { mayRead }) })
    },
  }
}

const isBytes = (sent: Json): sent is { readonly base64: string } =>
  typeof sent === 'object' && sent !== null && 'base64' in sent

async function readableIn(root: string, roots: readonly string[]): Promise<(real: string) => boolean> {
  const all = await realRoots({ root, roots })
  return (real) => !isClosedToReads(real, all)
}

/**
 * The source that a path of a step names, if the roots of the step permit it.
 * @throws TerminalError `outside_root`; InvalidError if there is no such file
 */
export async function sourceInRoots(
  path: string,
  { root, roots }: { readonly root: string; readonly roots: readonly string[] },
): Promise<AskedSource> {
  const open = (one: string) => resolveToRead(one, { root, roots })
  const found = await findSource(resolve(root, path), { open, mayRead: await readableIn(root, roots) })
  if (found.kind === 'file') return found
  const rules = rulesOfReads(roots)
  return rules.length === 0 ? found : { ...found, roots: rules }
}
