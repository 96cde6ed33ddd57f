import type { LanguageModelV4FilePart } from '@ai-sdk/provider'
import { InvalidError } from '../../errors.ts'
import { type FileRef, filesOfNote, type ShownRef } from '../../lib/media/file-ref.ts'
import { stripMetadata } from '../../lib/media/strip-metadata.ts'
import { isTextType } from '../../lib/media/text-type.ts'
import type { Offers } from '../../worker/capabilities.ts'
import type { Document, InputFile } from '../prompt/task.ts'
import type { ModelRequest, RequestFile } from './request.ts'

/** Maximum base64 characters of one call: 15 MB of files. */
const MAX_BASE64_LENGTH = 20_000_000

/** All texts of a request: the documents, and the text files. Every model accepts them. */
export const allDocuments = ({ documents, files = [] }: TextInputs): Document[] => [...documents, ...textsIn(files)]

type TextInputs = { readonly documents: readonly Document[]; readonly files?: readonly RequestFile[] }

function textsIn(files: readonly RequestFile[]): Document[] {
  return files
    .filter(hasBytes)
    .filter(isTextFile)
    .map(({ name = 'file', data }) => ({ name, text: Buffer.from(data, 'base64').toString('utf8') }))
}

/** The other files, as a provider expects them. */
export function toFileParts(files: readonly RequestFile[]): LanguageModelV4FilePart[] {
  return files
    .filter(hasBytes)
    .filter((file) => !isTextFile(file))
    .map(({ name, mediaType, data }) => ({
      type: 'file',
      mediaType,
      data: { type: 'data', data: withoutMetadata(mediaType, data) },
      ...(name !== undefined && { filename: name }),
    }))
}

/** A file that is damaged goes as it is. */
function withoutMetadata(mediaType: string, data: string): string {
  const bytes = Buffer.from(data, 'base64')
  const left = stripMetadata(mediaType, bytes)
  return !left || left.length === bytes.length ? data : Buffer.from(left).toString('base64')
}

/** Throws for an invalid file, or too many bytes. The pool checks whether the model accepts them. */
export function checkFiles(files: readonly RequestFile[]): void {
  const given = files.filter(hasBytes)
  checkFileSize(given.reduce((sum, { data }) => sum + data.length, 0))
  for (const { mediaType } of given)
    if (!/^[\w.+-]+\/[\w.+*-]+$/.test(mediaType))
      throw new InvalidError(`Expected a media type, got ${JSON.stringify(mediaType)}.`)
}

/** Throws for more base64 characters than one call accepts. */
export function checkFileSize(characters: number): void {
  if (characters <= MAX_BASE64_LENGTH) return
  throw new InvalidError('The files are too large for one model call: at most 15 MB.', { code: 'too_large' })
}

export const isTextFile = (file: RequestFile): boolean => isTextType(mediaTypeOfFile(file))

/** Whether the bytes of a file are still to be read. */
export const isReference = (file: RequestFile): file is FileRef => 'file' in file

/** Whether the bytes of a file stand in the request. */
export const hasBytes = (file: RequestFile): file is InputFile => !isReference(file)

export const mediaTypeOfFile = (file: RequestFile): string => (isReference(file) ? file.type : file.mediaType)

export const bytesOfFile = (file: RequestFile): number =>
  isReference(file) ? file.bytes : Buffer.byteLength(file.data, 'base64')

/** How a model reads a file. Types that are none of the others are documents. */
export type FileKind = 'text' | 'image' | 'audio' | 'video' | 'document'

export function kindOfType(type: string): FileKind {
  if (isTextType(type)) return 'text'
  const [family = ''] = type.split('/')
  return (['image', 'audio', 'video'] as const).find((kind) => kind === family) ?? 'document'
}

/** Whether a model is described as one that takes a kind of file, or is not described. */
export function takesKind({ vision, audio, modalities = [] }: Offers, kind: Exclude<FileKind, 'text'>): boolean {
  if (kind === 'image') return vision === true
  return kind === 'audio' ? audio === true : modalities.includes(kind)
}

/** The kinds of files in a request that not every model reads. */
export function fileKindsIn(request: Pick<ModelRequest, 'files' | 'rounds'>): readonly Exclude<FileKind, 'text'>[] {
  const kinds = [...(request.files ?? []), ...referencesIn(request)].map((file) => kindOfType(mediaTypeOfFile(file)))
  return [...new Set(kinds)].filter((kind) => kind !== 'text')
}

/** A size as people read it. */
export const inMegabytes = (bytes: number): string =>
  bytes < 100_000 ? `${Math.max(1, Math.round(bytes / 1000))} kB` : `${(bytes / 1_000_000).toFixed(1)} MB`

/** The references of a request in the order in which the model reads them: the oldest first. */
export function referencesIn({ files = [], rounds = [] }: Pick<ModelRequest, 'files' | 'rounds'>): readonly ShownRef[] {
  return [
    ...files.filter(isReference),
    ...rounds.flatMap(({ told: notes = [], now = [], results }) => [
      ...[...notes, ...now].flatMap(filesOfNote),
      ...results.flatMap((result) => result.files ?? []),
    ]),
  ]
}
