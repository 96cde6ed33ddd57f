import { TerminalError } from '../errors.ts'

/**
 * A reader of some types of files. It runs in a process of its own with bounded memory and time, so a file that
 * explodes ends only that process. It says what a file holds; antiphon makes passages, places and citations of it.
 */
export interface Reader {
  /** media types, such as `application/pdf`, or `audio/*` for all of a kind */
  readonly types: readonly string[]
  /** the modality of questions about such files, which phases of yours have; absent: `text` */
  readonly modality?: string
  /**
   * The type of a file that no reader of antiphon knows, one of `types`; undefined: another file. It gets the first
   * 64 KiB and the name. It may take 100 ms of CPU; a longer look, and one that throws, counts as undefined.
   */
  detect?(head: Uint8Array, name: string): string | undefined
  /**
   * Reads a file.
   * @throws `unread` for a file that cannot be read, with words that follow its name: `it is a broken PDF`
   */
  read(file: ReaderFile, terms: ReaderTerms): Promise<ReaderResult>
}

/** A file that a reader may read, as a whole or in ranges. */
export interface ReaderFile {
  readonly name: string
  /** its media type, by its content */
  readonly type: string
  /** bytes */
  readonly size: number
  /** The bytes from here to there, without the byte at `to`; fewer at the end of the file. Absent: all. */
  read(from?: number, to?: number): Promise<Uint8Array>
  /** The entries of a zip file by their names. TerminalError if it is none, or unpacks to more than 4 MiB. */
  unpack(): Promise<ReadonlyMap<string, Uint8Array>>
}

/** Bounds that a reader need not exceed: antiphon cuts what is longer, and says so. */
export type ReaderTerms = {
  /** the most characters of text */
  readonly characters: number
  /** the most pages */
  readonly pages: number
}

/**
 * The content of a file. `gaps` are sentences about what was not read, such as `2 pictures are not read`. All texts are
 * data: they are shown and searched, and never run.
 */
export type ReaderResult =
  /** words in lines */
  | { readonly form: 'text'; readonly text: string; readonly title?: string; readonly gaps?: readonly string[] }
  /** a page whose headings, lists and tables are kept */
  | { readonly form: 'html'; readonly html: string; readonly gaps?: readonly string[] }
  | ReaderPages
  /** the camera and the local time of a picture, as `2024-05-01T10:20:30`, as far as it says them */
  | { readonly form: 'picture'; readonly camera?: string; readonly takenAt?: string }
  | ReaderRecording

/** The pages of a file, in their order. `count`: all that it has. */
export type ReaderPages = {
  readonly form: 'pages'
  readonly pages: readonly ReaderPage[]
  readonly count: number
  readonly title?: string
  readonly gaps?: readonly string[]
}

/** A page: its pieces of text in the order in which they are drawn, and how many marks strike text out. */
export type ReaderPage = { readonly items: readonly PlacedText[]; readonly strikeOuts?: number }

/** A piece of text as a page draws it: where its line begins, and how wide and high it is. */
export type PlacedText = {
  readonly text: string
  readonly x: number
  readonly y: number
  readonly width: number
  readonly size: number
  /** a line ends behind it */
  readonly isEnd: boolean
}

/** A container of sound or film, as its headers say. Seconds and pixels are numbers, tags are texts. */
export type ReaderRecording = {
  readonly form: 'recording'
  readonly container: string
  readonly seconds: number
  readonly tags: { readonly [name: string]: string }
  readonly tracks: readonly ReaderTrack[]
}

/** A track of a recording or a film. */
export type ReaderTrack = {
  /** `audio`, `video` or another kind */
  readonly type: string
  readonly codec?: string
  /** a code of three letters */
  readonly language?: string
  readonly width?: number
  readonly height?: number
  readonly sampleRate?: number
  readonly channels?: number
  /** packets a second */
  readonly rate?: number
}

/** The error of a file that cannot be read: `why` follows its name, such as `it is a broken PDF`. */
export const unread = (why: string, code = 'invalid_input') => new TerminalError(why, { code })
