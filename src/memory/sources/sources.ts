/**
 * Documents of a memory: files, pages and texts that a client sends. Their passages are records of kind `passage`,
 * which follow the document: a changed one is read again, and a missing one is dropped.
 */

import { z } from 'zod'
import { maybe, type Plain, time } from '../../document.ts'
import { recordFilter } from '../record.ts'

/** The documents of one owner. */
export interface MemorySources {
  /** Documents by their names: path or URL. `below`: only this one, or those of this folder. */
  list(query?: SourcesQuery): Promise<readonly MemorySource[]>
  /**
   * Adds a file, a folder, a page or a text: reads what is new or changed, and drops what is gone. All of it is one
   * change. NotFoundError for a missing path, TerminalError for a URL that does not answer.
   */
  add(request: SourceRequest, options?: AddSourceOptions): Promise<AddedSources>
}

export type SourcesQuery = { readonly below?: string; readonly after?: string; readonly limit?: number }

export type AddSourceOptions = {
  /** false: paths follow the rule for untrusted runs; absent: every path may be read */
  readonly trusted?: boolean
  /** The report so far, after each portion. */
  readonly onProgress?: (report: AddedSources) => void
  /** Ends after a second's work. `after` and `change` of the report continue it. */
  readonly isPortion?: boolean
  /** Stops between two files. Stored documents stay. */
  readonly signal?: AbortSignal
}

/** Longest path, URL or name of a document. */
const MAX_REF = 4096
/** Maximum characters of a document that a client sends. */
const MAX_SENT = 64 * 1024 * 1024
const ref = z
  .string()
  .min(1)
  .max(MAX_REF)
  .refine((text) => text.isWellFormed() && !/\p{Cc}/u.test(text), 'expected a name without control characters')

/** Fields of a request to add a document. Exactly one of `path`, `url` and `name`. */
export const sourceFields = {
  path: maybe(ref).meta({ description: 'a file or a folder on the server, as far as the caller may read it' }),
  url: maybe(ref).meta({ description: 'a page or a file on the web' }),
  name: maybe(ref).meta({ description: 'the name of a document that is sent as `text` or `base64`' }),
  text: maybe(z.string().max(MAX_SENT)),
  base64: maybe(z.base64().max(MAX_SENT)),
  type: maybe(z.string().max(200)).meta({ description: 'media type of what is sent; absent: by its bytes and name' }),
  space: recordFilter.space.meta({ description: 'absent: where the document is, or the root' }),
  after: maybe(ref).meta({ description: '`after` of the report before: continues a folder behind that file' }),
  change: maybe(z.int().min(0)).meta({ description: '`change` of the report before, so that all is one change' }),
} as const

export const sourceRequest = z
  .strictObject(sourceFields)
  .refine(
    ({ path, url, name }) => [path, url, name].filter((given) => given !== undefined).length === 1,
    'expected exactly one of path, url and name',
  )
  .refine(
    ({ name, text, base64 }) => (name === undefined) === ((text ?? base64) === undefined),
    'expected text or base64 together with a name',
  )
export type SourceRequest = Plain<typeof sourceRequest>

const count = z.number()

const unreadSource = z.object({ ref: z.string(), reason: z.string() })

export const addedSources = z
  .object({
    read: count.meta({ description: 'documents that are new or changed' }),
    same: count.meta({ description: 'documents that have not changed' }),
    dropped: count.meta({ description: 'documents that are gone' }),
    skipped: z.array(unreadSource).meta({ description: 'files that cannot be read' }),
    notes: z.array(z.string()).meta({ description: 'what is missing of documents and folders' }),
    added: count.meta({ description: 'passages' }),
    removed: count.meta({ description: 'passages' }),
    derived: maybe(count).meta({
      description: 'records that were made of documents which are gone, and went with them',
    }),
    left: count.meta({ description: 'files that are still to be looked at: repeat the request with `after`' }),
    after: maybe(z.string()),
    change: maybe(count).meta({ description: 'the number in the change log' }),
  })
  .meta({ id: 'AddedSources' })
export type AddedSources = Plain<typeof addedSources>

export const memorySource = z
  .object({
    ref: z.string().meta({ description: 'path, URL, or the name that a client gave' }),
    type: z.enum(['file', 'web', 'upload']),
    space: z.string(),
    status: z.enum(['read', 'unread']),
    reason: maybe(z.string()).meta({ description: 'why it is not read' }),
    records: count.meta({ description: 'its passages in memory' }),
    bytes: maybe(count),
    readAt: time,
    checkedAt: time,
  })
  .meta({ id: 'MemorySource' })
export type MemorySource = Plain<typeof memorySource>
