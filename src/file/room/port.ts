import type { ListQuery } from '../../house/paging.ts'
import type { FileRef } from '../../lib/media/file-ref.ts'
import type { StoredVerdicts } from './readings.ts'

/** A stored file of an owner. */
export type StoredFile = FileRef & {
  /** ms since the epoch */
  readonly at: number
  /** the conversations and runs that use it, as `thread/NAME` or `run/ID` */
  readonly uses: readonly string[]
}

/** The bytes of a file, or one range of them. */
export type OpenedFile = FileRef & {
  /** the first byte, and the one after the last */
  readonly start: number
  readonly end: number
  content(): AsyncIterable<Uint8Array>
}

/** A small picture of a picture. */
export type Thumbnail = { readonly type: 'image/png' | 'image/jpeg'; readonly data: Uint8Array }

/** Bytes, whole or in pieces. */
export type FileBytes = Uint8Array | AsyncIterable<Uint8Array>

/** A new file. `name` may be a path: only its last part counts. `use`: the work that uses it, as `run/ID`. */
export type NewFile = {
  readonly name?: string
  readonly owner?: string
  readonly use?: string
  readonly signal?: AbortSignal
  /** a name that contradicts the content: refused (absent), or it loses its ending */
  readonly onWrongName?: 'shorten'
}

/** Selects files: those of an owner, or that a run or conversation uses; the newest first. */
export type FilesQuery = ListQuery & { readonly use?: string }

/** The files of owners. Another owner's file looks like a missing one. */
export interface FilesPort {
  /**
   * Stores a file durably, and gives its reference. The same content under another name keeps its first name. Errors
   * `file_too_large`, `file_quota`, `file_type` (its name contradicts its content), `storage`.
   */
  add(content: FileBytes, options?: NewFile): Promise<StoredFile>
  /** @throws NotFoundError of code `file_not_found` */
  get(file: string, options?: { readonly owner?: string }): Promise<StoredFile>
  /** Opens a file, or the bytes from `start` up to `end` (exclusive). */
  open(
    file: string,
    options?: { readonly owner?: string; readonly start?: number; readonly end?: number },
  ): Promise<OpenedFile>
  /** Reads a whole file. Error `file_too_large` beyond `max` bytes. */
  read(file: string, options: { readonly owner?: string; readonly max: number }): Promise<Uint8Array>
  /** A picture of at most 320 pixels wide and high, made once. @throws NotFoundError of code `no_thumbnail` */
  thumbnail(file: string, options?: { readonly owner?: string }): Promise<Thumbnail>
  /** The verdicts of servers of models about the files of an owner. */
  verdicts(owner: string | undefined): StoredVerdicts
  list(query?: FilesQuery): Promise<readonly StoredFile[]>
  /** Removes the record, and the bytes once nobody else has them. */
  remove(file: string, options?: { readonly owner?: string }): Promise<void>
  /** The references with type and name of the owner's records, which are used by this work from now on. */
  resolve(
    files: readonly (string | { readonly file: string })[],
    options: { readonly owner?: string; readonly use?: string },
  ): Promise<readonly FileRef[]>
  /** All that one work uses, another one uses, too, such as a run and its fork. */
  copyUses(uses: { readonly from: string; readonly to: string }, options?: { readonly owner?: string }): Promise<void>
}
