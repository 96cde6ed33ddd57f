/** The files of a request in words: each has a line beside its text, and what a reader found once it is not shown. */

import { type FileRef, filesOfNote, type Note, textOfNote } from '../../lib/media/file-ref.ts'
import type { ToolRound } from '../../model/request/request.ts'
import { asData } from './perceive.ts'
import { FILES_SHOW } from './tool-offers.ts'

/** The texts of files as readers found them, by the ids of the files. */
export type FileTexts = ReadonlyMap<string, string>

export const NO_TEXTS: FileTexts = new Map()

/** Characters that a reader gives of a file at most. */
export const MAX_FOUND = 24_000

/** A reading that has all words of its file begins like this. */
export const WHOLE_TEXT = 'The text of '

/** Characters of a reading in the line of a file that a request no longer shows. */
const MAX_READING = 400

/** A text with a line for each of its files. Pure. */
export const withLines = (text: string, files: readonly FileRef[]): string =>
  files.length === 0 ? text : [text, '', 'Files of this message:', ...files.map(lineOf)].join('\n')

/** The same for files that the request no longer shows. Pure. */
export const withoutFiles = (text: string, files: readonly FileRef[], texts: FileTexts): string =>
  files.length === 0 ? text : [text, '', hiddenFiles(files, texts)].join('\n')

/** The lines of files that the request no longer shows. */
export const hiddenFiles = (files: readonly FileRef[], texts: FileTexts): string =>
  [
    `Files that are no longer shown; ${FILES_SHOW} shows one again:`,
    ...files.map((file) => hiddenLine(file, texts)),
  ].join('\n')

/** A note as a request with its files shows it. */
export function shownNote(note: Note): Note {
  const files = filesOfNote(note)
  return files.length === 0 ? note : { text: withLines(textOfNote(note), files), files }
}

/** A note as a request without its files shows it. */
export const hiddenNote = (note: Note, texts: FileTexts): string =>
  withoutFiles(textOfNote(note), filesOfNote(note), texts)

export const filesOfRound = ({ told: notes = [], now = [], results }: ToolRound): readonly FileRef[] => [
  ...[...notes, ...now].flatMap(filesOfNote),
  ...results.flatMap(({ files = [] }) => files),
]

const lineOf = ({ file, type, name, bytes }: FileRef) => `- ${asData(name)} (${type}, ${bytes} bytes, ${file})`

function hiddenLine(file: FileRef, texts: FileTexts): string {
  const found = texts.get(file.file)
  if (found === undefined) return lineOf(file)
  const beginning = found.slice(0, MAX_READING)
  return `${lineOf(file)} begins, as data: ${asData(beginning)}${beginning.length < found.length ? '…' : ''}`
}

/** Tokens of a picture, of a page and of a second of sound or film, about, where no rule of a provider is known. */
const OF_PICTURE = 1600
const OF_PAGE = 1600
const OF_SECOND = 32
/** Bytes of a page, and of a second of sound and of film, about. Small ones make the estimate a high one. */
const PAGE_BYTES = 50_000
const SOUND_BYTES = 8_000
const FILM_BYTES = 100_000
/** Characters that a token has at least, in most texts. */
const TOKEN_CHARACTERS = 3

/** The tokens of a file in a request, about. Pure. */
export function tokensOfFile({ type, bytes }: Pick<FileRef, 'type' | 'bytes'>): number {
  const parts = (size: number) => Math.max(1, Math.ceil(bytes / size))
  if (type.startsWith('image/')) return OF_PICTURE
  if (type === 'application/pdf') return parts(PAGE_BYTES) * OF_PAGE
  if (type.startsWith('audio/')) return parts(SOUND_BYTES) * OF_SECOND
  if (type.startsWith('video/')) return parts(FILM_BYTES) * OF_SECOND
  // it is shown as text, which is bounded
  return Math.ceil(Math.min(bytes, MAX_FOUND) / TOKEN_CHARACTERS)
}
