import type { FilesQuery, OpenedFile, StoredFile, Thumbnail } from './port.ts'

/** The content of a file: whole, or in pieces. A `File` brings its name. */
export type FileSource = Blob | Uint8Array | AsyncIterable<Uint8Array>

/** Staff and an admin name another owner; absent: the owner of the key. */
type OfOwner = { readonly owner?: string }
type Waiting = { readonly signal?: AbortSignal }

/** Files of a server. A reference opens nothing by itself: another owner's file looks like a missing one. */
export interface FilesClient {
  /**
   * Uploads a file, and gives its reference. The same content again is the same file. Errors `file_too_large`,
   * `file_quota`, `file_type` when its name contradicts its content. A stream is sent once, and not again when the
   * connection breaks.
   */
  add(content: FileSource, options?: OfOwner & Waiting & { readonly name?: string }): Promise<StoredFile>
  /** Lists files, the newest first. `use`: those of a conversation (`thread/NAME`) or of a run (`run/ID`). */
  list(query?: FilesQuery): Promise<readonly StoredFile[]>
  /** @throws NotFoundError of code `file_not_found` */
  get(file: string, options?: OfOwner): Promise<StoredFile>
  /** Opens a file, or the bytes from `start` up to `end` (exclusive). They are read when `content()` is. */
  open(
    file: string,
    options?: OfOwner & Waiting & { readonly start?: number; readonly end?: number },
  ): Promise<OpenedFile>
  /** Reads a whole file. Error `file_too_large` beyond `max` bytes. */
  read(file: string, options: OfOwner & Waiting & { readonly max: number }): Promise<Uint8Array>
  /** A picture of at most 320 pixels wide and high. @throws NotFoundError of code `no_thumbnail` */
  thumbnail(file: string, options?: OfOwner): Promise<Thumbnail>
  /** Removes a file. Work that names it finds it no more. */
  remove(file: string, options?: OfOwner): Promise<void>
}
