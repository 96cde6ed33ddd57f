/**
 * A file as messages, inputs, parameters, results and state hold it: its id, and its name and type for people and
 * models. It opens nothing by itself: it is resolved for the owner of the work.
 */
export type FileRef = {
  /** `file_` and the SHA-256 of the content */
  readonly file: string
  /** media type, from the content */
  readonly type: string
  readonly name: string
  readonly bytes: number
}

/** A file that a result shows. `past`: an agent asked for it again, after refusals of servers until then (ms). */
export type ShownRef = FileRef & { readonly past?: number }

const PREFIX = 'file_'
const FILE_ID = /^file_[0-9a-f]{64}$/

/** The id of a file with this content; `hash`: its SHA-256 in hex. */
export const fileIdOf = (hash: string): string => `${PREFIX}${hash}`

/** The address of a file on a server of antiphon, as programs and front ends show it. */
export const addressOfFile = (file: string): string => `/v1/files/${file}`

/** The SHA-256 of the content, in hex. */
export const hashOfFile = (file: string): string => file.slice(PREFIX.length)

/** Whether a value is the id of a file. It says nothing about whether there is one. */
export const isFileId = (value: unknown): value is string => typeof value === 'string' && FILE_ID.test(value)

/** Whether a value has the form of a reference: an object whose `file` is the id of a file. */
export const isFileRef = (value: unknown): value is { readonly file: string } =>
  typeof value === 'object' && value !== null && isFileId((value as { readonly file?: unknown }).file)

/** A reference alone, without what a record has besides. */
export const toRef = ({ file, type, name, bytes }: FileRef): FileRef => ({ file, type, name, bytes })

/** A text that a model gets, with the files that belong to it. A text without files is a string. */
export type Note = string | { readonly text: string; readonly files: readonly FileRef[] }

export const textOfNote = (note: Note): string => (typeof note === 'string' ? note : note.text)
export const filesOfNote = (note: Note): readonly FileRef[] => (typeof note === 'string' ? [] : note.files)

/** A text with files; without files it is the string. */
export const toNote = (text: string, files: readonly FileRef[] = []): Note =>
  files.length === 0 ? text : { text, files }

/** Files that are found in one value, and values that are looked at for them. */
const MAX_FOUND = 20
const MAX_VALUES = 20_000

/**
 * The ids of the references in a value, each once, at most `most` of them (20). Nothing is known about whether there
 * are such files. `plain`: an id alone counts as well.
 */
export function fileIdsIn(value: unknown, plain?: 'plain', most = MAX_FOUND): readonly string[] {
  const found = new Set<string>()
  const left = [value]
  for (let seen = 0; seen < left.length && seen < MAX_VALUES && found.size < most; seen++) {
    const one = left[seen]
    if (isFileRef(one)) found.add(one.file)
    else if (plain && isFileId(one)) found.add(one)
    else if (typeof one === 'object' && one !== null) left.push(...Object.values(one).slice(0, MAX_VALUES))
  }
  return [...found]
}

/**
 * A refusal of a request because of a file: the words of the server, and when (ms since the epoch). `twice`: the file
 * was shown again since then, and refused again.
 */
type FileRefusal = { readonly words: string; readonly at: number; readonly twice?: true }

/** The verdict of a server about a file: it took it in a request, it refused one because of it, or both in turn. */
export type FileVerdict =
  | { readonly taken: true; readonly refused?: FileRefusal }
  | { readonly taken?: never; readonly refused: FileRefusal }

/** The verdict after another request with the file. The first refusal's `words` stay, and so does its line. Pure. */
export function verdictAfter(before: FileVerdict | undefined, words: string | undefined, now: number): FileVerdict {
  const { refused } = before ?? {}
  if (words === undefined) return { taken: true, ...(refused && { refused }) }
  return { refused: refused ? { ...refused, twice: true } : { words, at: now } }
}
