import type { LanguageModelV4FilePart } from '@ai-sdk/provider'
import { InvalidError } from '../../errors.ts'
import type { Document, InputFile } from '../prompt/task.ts'
import { isTextType } from './media-types.ts'

/** Characters of base64 that go into one call at most: 15 MB of files. */
const MAX_BASE64_LENGTH = 20_000_000

/** All texts that a model is given: the documents, and the files that are texts, which every model takes. */
export function allDocuments({ documents, files = [] }: TextInputs): Document[] {
  return [...documents, ...textsIn(files)]
}

type TextInputs = { readonly documents: readonly Document[]; readonly files?: readonly InputFile[] }

function textsIn(files: readonly InputFile[]): Document[] {
  return files
    .filter(isTextFile)
    .map(({ name = 'file', data }) => ({ name, text: Buffer.from(data, 'base64').toString('utf8') }))
}

/** The other files, as a provider takes them. */
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

/** Throws for what is no file, and for too much of them. Whether the model takes them is known where it is asked in its pool. */
export function checkFiles(files: readonly InputFile[]): void {
  checkFileSize(files.reduce((sum, { data }) => sum + data.length, 0))
  for (const { mediaType } of files)
    if (!/^[\w.+-]+\/[\w.+*-]+$/.test(mediaType))
      throw new InvalidError(`${JSON.stringify(mediaType)} is no media type`)
}

/** Throws for more characters of base64 than go into one call. */
export function checkFileSize(characters: number): void {
  if (characters <= MAX_BASE64_LENGTH) return
  throw new InvalidError('the files are too large for one call of a model: 15 MB is the most', { code: 'too_large' })
}

/** Whether a file is read as a text. */
export function isTextFile({ mediaType }: InputFile): boolean {
  return isTextType(mediaType)
}
