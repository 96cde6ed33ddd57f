import type { LanguageModelV4FilePart } from '@ai-sdk/provider'
import { InvalidError, TerminalError } from '../errors.ts'
import type { ModelFacts } from './choose.ts'
import { isTextType } from './media.ts'
import type { Document, InputFile } from './task.ts'

/** Characters of base64 that go into one call at most: 15 MB of files. */
const MOST = 20_000_000

/** What a model has to offer for files of a kind: one of these modalities. */
const WANTED: readonly (readonly [kind: RegExp, words: string, modalities: readonly string[]])[] = [
  [/^image\//, 'images', ['vision', 'image']],
  [/^audio\//, 'audio', ['audio']],
  [/^video\//, 'video', ['video']],
  [/^/, 'such files', ['document', 'pdf', 'file', 'vision']],
]

/** All texts that a model is given: the documents, and the files that are texts, which every model takes. */
export function documentsIn({ documents, files = [] }: Given): Document[] {
  return [...documents, ...textsIn(files)]
}

type Given = { readonly documents: readonly Document[]; readonly files?: readonly InputFile[] }

function textsIn(files: readonly InputFile[]): Document[] {
  return files
    .filter(isText)
    .map(({ name = 'file', data }) => ({ name, text: Buffer.from(data, 'base64').toString('utf8') }))
}

/** The other files, as a provider takes them. */
export function filePartsOf(files: readonly InputFile[]): LanguageModelV4FilePart[] {
  return files
    .filter((file) => !isText(file))
    .map(({ name, mediaType, data }) => ({
      type: 'file',
      mediaType,
      data: { type: 'data', data },
      ...(name !== undefined && { filename: name }),
    }))
}

/** Throws for files that the model is known not to take, and for what is no file or too much; of what nobody knows its provider decides. */
export function checkFiles(
  id: string,
  files: readonly InputFile[],
  { modalities }: Pick<ModelFacts, 'modalities'> = {},
): void {
  checkSize(files.reduce((sum, { data }) => sum + data.length, 0))
  for (const file of files) checkFile(id, file, modalities)
}

/** Throws for more characters of base64 than go into one call. */
export function checkSize(characters: number): void {
  if (characters <= MOST) return
  throw new InvalidError('the files are too large for one call of a model: 15 MB is the most', { code: 'too_large' })
}

function checkFile(id: string, file: InputFile, modalities: readonly string[] | undefined): void {
  if (!/^[\w.+-]+\/[\w.+*-]+$/.test(file.mediaType))
    throw new InvalidError(`${JSON.stringify(file.mediaType)} is no media type`)
  const [, what, wanted] = WANTED.find(([kind]) => kind.test(file.mediaType))!
  if (isText(file) || !modalities || wanted.some((one) => modalities.includes(one))) return
  throw new TerminalError(`model ${id} takes no ${what}: it offers ${modalities.join(', ')}`, {
    code: 'no_eligible_model',
    hint: `Take another one (requires_model: ${wanted[0]}), or say \`modalities: [text, ${wanted[0]}]\` of it if it does.`,
  })
}

/** Whether a file is read as a text. */
export function isText({ mediaType }: InputFile): boolean {
  return isTextType(mediaType)
}
