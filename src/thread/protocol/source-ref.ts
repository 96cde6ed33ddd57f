import type { FileRef } from '../../lib/media/file-ref.ts'
import type { Modality } from '../../lib/media/modality.ts'

/**
 * A source of an answer; `ref` is the path from the user, or the name of an attached text (`blob`). A record of the
 * memory has its own id, and its source is the `ref`. The files of a folder are looked for when it is read. The files
 * of the domain have that `hash` together. A model that an ask is about has its id as `ref`.
 */
export type SourceRef = {
  readonly id: string
  readonly kind: 'file' | 'folder' | 'domain' | 'record' | 'web' | 'model'
  readonly ref: string
  /** hash of the attached text or file in the value store */
  readonly blob?: string
  /** a stored file of the asker */
  readonly stored?: FileRef & { readonly owner: string }
  readonly hash?: string
  /** only the files of the folder that it matches */
  readonly pattern?: string
  /** the roots within which a step may read the folder, with what is closed in them; absent: all of it may be read */
  readonly roots?: readonly string[]
  /** most files of the folder are code, the file is code by its content, or an extension detected it */
  readonly modality?: Modality
}
