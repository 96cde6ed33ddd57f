import type { FileRef } from '../../lib/media/file-ref.ts'
import type { FileContent } from '../document.ts'
import type { MediaTerms } from './reading.ts'

/** Pictures, recordings and films as documents. */
export interface MediaDocuments {
  /** A stored file of an owner. @throws TerminalError with words that follow its name */
  document(file: FileRef, terms: MediaTerms & { readonly owner?: string }): Promise<FileContent>
  /** A file of this machine that is not stored. Its reading is not kept. */
  documentAt(path: string, type: string, terms: MediaTerms): Promise<FileContent>
}
