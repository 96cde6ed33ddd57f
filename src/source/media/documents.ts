import type { FileRef } from '../../lib/media/file-ref.ts'
import type { FileContent } from '../document.ts'
import type { PictureBounds, SmallPicture } from './picture/resize.ts'
import type { MediaTerms } from './reading.ts'

/** A file for a model, whose bytes are read just before the call. */
export type ShownMedia = {
  readonly file: FileRef
  read(): Promise<Uint8Array>
  /** The picture within bounds; undefined: it cannot be made smaller here. */
  small(bounds: PictureBounds): Promise<SmallPicture | undefined>
}

/** Pictures, recordings and films as documents. */
export interface MediaDocuments {
  /** A stored file of an owner. @throws TerminalError with words that follow its name */
  document(file: FileRef, terms: MediaTerms & { readonly owner?: string }): Promise<FileContent>
  /** The files that show it to a model: itself, or up to eight frames of a film. */
  shownFiles(file: FileRef, terms: MediaTerms & { readonly owner?: string }): Promise<readonly ShownMedia[]>
  /** A file of this machine that is not stored. Its reading is not kept. */
  documentAt(path: string, type: string, terms: MediaTerms): Promise<FileContent>
}
