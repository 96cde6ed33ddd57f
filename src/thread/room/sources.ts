import { basename, resolve } from 'node:path'
import { InvalidError } from '../../errors.ts'
import { present } from '../../lib/json/present.ts'
import { type FileRef, isFileId } from '../../lib/media/file-ref.ts'
import { mediaTypeOfName, typeAt } from '../../lib/media/media-type.ts'
import { isTextType } from '../../lib/media/text-type.ts'
import { LOCAL_OWNER } from '../../lib/owner.ts'
import { codeByContent } from '../../source/code/by-content.ts'
import { detectedModality, detectedTypeAt } from '../../source/detect.ts'
import { findSource } from '../../source/folder/find-source.ts'
import { isMediaType } from '../../source/media/readers.ts'
import { isReadableName } from '../../source/source.ts'
import type { Blobs } from '../../store/blobs/blobs.ts'
import type { SourceRef } from '../protocol/phase-types.ts'
import type { AskRequest } from './port.ts'

export type AskedSource = Omit<SourceRef, 'id' | 'kind'> & { readonly kind: 'file' | 'folder' }

const isReadable = async (path: string): Promise<boolean> =>
  isFileId(path) ||
  isReadableName(path) ||
  isRead((await typeAt(resolve(path))) ?? '') ||
  (await detectedTypeAt(resolve(path))) !== undefined

const isRead = (type: string) => isMediaType(type) || isTextType(type) || type === PDF

/** Rejects files if neither a name nor a content is one that is read. */
export async function checkTexts(paths: readonly string[]): Promise<void> {
  for (const path of paths) if (await isReadable(path)) return
  if (paths.length === 0) return
  const name = basename(paths[0]!)
  throw new InvalidError(`${name} is ${mediaTypeOfName(name)}, and no reader of an ask reads that.`, {
    code: 'not_supported',
    hint: 'Save it in a form that is read, such as JPEG, PDF or text.',
  })
}

export interface AskFiles {
  /** The references to files of the owner. Error `file_not_found`. */
  resolve(files: readonly string[], options: { readonly owner: string }): Promise<readonly FileRef[]>
  /** Stores a file of this machine; undefined: it is too large, and is read where it lies. */
  addLocal(path: string, owner: string): Promise<FileRef | undefined>
  /** The first bytes of a file of the owner, at most so many. */
  head(file: string, owner: string, most: number): Promise<Uint8Array>
}

/** A path or a stored file. What is a picture, recording, film or PDF by its content is stored, so it is read once. */
async function sourceOf(
  file: string,
  owner: string,
  { resolve: find, addLocal, head }: AskFiles,
): Promise<AskedSource> {
  const stored = isFileId(file) ? (await find([file], { owner }))[0] : await localMedia(file, owner, addLocal)
  if (!stored) return findSource(resolve(file))
  const ref = isFileId(file) ? stored.name : resolve(file)
  const modality = isFileId(file) ? await detectedModality(ref, (_, most) => head(file, owner, most)) : undefined
  return { kind: 'file', ref, ...present({ modality }), stored: { ...stored, owner } }
}

const PDF = 'application/pdf'

async function localMedia(path: string, owner: string, add: AskFiles['addLocal']): Promise<FileRef | undefined> {
  const type = await typeAt(resolve(path))
  return type !== undefined && (isMediaType(type) || type === PDF) ? add(resolve(path), owner) : undefined
}

/** The sources of an ask: files and folders of this machine, texts and files that are stored with it, and a model. */
export async function sourcesOf(
  { files = [], texts = [], about, owner = LOCAL_OWNER }: Pick<AskRequest, 'files' | 'texts' | 'about' | 'owner'>,
  values: Pick<Blobs, 'put'>,
  store: AskFiles,
): Promise<readonly SourceRef[]> {
  const named = files.map((file) => sourceOf(file, owner, store))
  const stored = texts.map(async ({ name, text, base64 }) => {
    const blob = await values.put(base64 === undefined ? (text ?? '') : { base64 })
    return {
      kind: 'file',
      ref: name,
      blob,
      ...(codeByContent(name, text ?? '') && { modality: 'code' as const }),
    } as const
  })
  const subject = about === undefined ? [] : [{ kind: 'model', ref: about } as const]
  const all: readonly Omit<SourceRef, 'id'>[] = await Promise.all([...named, ...stored, ...subject])
  return all.map((source, index) => ({ id: `f${index + 1}`, ...source }))
}
