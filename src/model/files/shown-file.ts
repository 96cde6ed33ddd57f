import { type FileRef, hashOfFile } from '../../lib/media/file-ref.ts'
import { PROVIDER_OPTIONS_KEY } from '../model-id.ts'
import { attribute, type Document, renderDocument } from '../prompt/task.ts'
import { inMegabytes } from '../request/files.ts'

/** A file as a request shows it: its bytes, its text, or one line instead of it, with what a reader found in it. */
export type ShownFile =
  | { readonly type: 'whole'; readonly file: FileRef; readonly data: Uint8Array }
  | { readonly type: 'text'; readonly file: FileRef; readonly document: Document }
  | { readonly type: 'line'; readonly file: FileRef; readonly why: string; readonly reading?: Document }

/** A file whose bytes a request has. */
export type WholeFile = Extract<ShownFile, { readonly type: 'whole' }>

export type ShownFiles = (file: FileRef) => ShownFile

export const NOTHING_READ: ShownFiles = (file) => ({ type: 'line', file, why: 'it was not read' })

/** The texts of a file, which stand where the file would stand. */
export function textOfFile(shown: Exclude<ShownFile, { readonly type: 'whole' }>): string {
  if (shown.type === 'text') return renderDocument(shown.document)
  const { reading } = shown
  return reading ? `${lineOf(shown)}\nA reader says:\n${renderDocument(reading)}` : lineOf(shown)
}

const HASH_SHOWN = 12

export function lineOf({ file, why }: Extract<ShownFile, { readonly type: 'line' }>): string {
  const { type, bytes } = file
  const id = `file_${hashOfFile(file.file).slice(0, HASH_SHOWN)}…`
  return `(The file ${nameOf(file)}, ${type}, ${inMegabytes(bytes)}, ${id} is not shown: ${why}.)`
}

/** The name of a file without line breaks and tags. */
export const nameOf = ({ name }: Pick<FileRef, 'name'>): string => attribute(name)

/** The parts of a message that show a file. A picture has its name before it, so that a text can speak of it. */
export const partsOfFile = (shown: ShownFile) =>
  shown.type === 'whole' ? [toText(`${nameOf(shown.file)}:`), toFilePart(shown)] : [toText(textOfFile(shown))]

const toText = (text: string) => ({ type: 'text' as const, text })

/** The bytes as the AI SDK takes them. Recordings know the part by the reference. */
export const toFilePart = ({ file, data }: WholeFile) => ({
  type: 'file' as const,
  mediaType: file.type,
  data: { type: 'data' as const, data },
  filename: file.name,
  providerOptions: { [PROVIDER_OPTIONS_KEY]: { file: file.file } },
})
