import type { LanguageModelV4FilePart } from '@ai-sdk/provider'
import { InvalidError } from '../../errors.ts'
import type { Document, InputFile } from '../prompt/task.ts'
import { isTextType } from './media-types.ts'

/** Maximum base64 characters of one call: 15 MB of files. */
const MAX_BASE64_LENGTH = 20_000_000

/** All texts of a request: the documents, and the text files. Every model accepts them. */
export function allDocuments({ documents, files = [] }: TextInputs): Document[] {
  return [...documents, ...textsIn(files)]
}

type TextInputs = { readonly documents: readonly Document[]; readonly files?: readonly InputFile[] }

function textsIn(files: readonly InputFile[]): Document[] {
  return files
    .filter(isTextFile)
    .map(({ name = 'file', data }) => ({ name, text: Buffer.from(data, 'base64').toString('utf8') }))
}

/** The other files, as a provider expects them. */
export function toFileParts(files: readonly InputFile[]): LanguageModelV4FilePart[] {
  return files
    .filter((file) => !isTextFile(file))
    .map(({ name, mediaType, data }) => ({
      type: 'file',
      mediaType,
      data: { type: 'data', data },
      ...(name !== undefined && { filename: name }),
    }))
}

/** Throws for an invalid file, or too many bytes. The pool checks whether the model accepts them. */
export function checkFiles(files: readonly InputFile[]): void {
  checkFileSize(files.reduce((sum, { data }) => sum + data.length, 0))
  for (const { mediaType } of files)
    if (!/^[\w.+-]+\/[\w.+*-]+$/.test(mediaType))
      throw new InvalidError(`Expected a media type, got ${JSON.stringify(mediaType)}.`)
}

/** Throws for more base64 characters than one call accepts. */
export function checkFileSize(characters: number): void {
  if (characters <= MAX_BASE64_LENGTH) return
  throw new InvalidError('The files are too large for one model call: at most 15 MB.', { code: 'too_large' })
}

/** Whether a file is read as text. */
export function isTextFile({ mediaType }: InputFile): boolean {
  return isTextType(mediaType)
}
