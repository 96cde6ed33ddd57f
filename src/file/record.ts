import { present } from '../lib/json/present.ts'
import { type FileRef, type FileVerdict, fileIdOf, hashOfFile } from '../lib/media/file-ref.ts'

/** The record of a file, a part of its owner's actor. It names the file for the sweep of values. Times: epoch ms. */
export type FileRecord = FileRef & {
  readonly at: number
  readonly usedAt: number
  /** the runs and conversations that use it, the latest last */
  readonly uses: readonly string[]
  /** what readers found, by their names: the hash of the reading in the store of values, then those of its frames */
  readonly readings?: { readonly [reader: string]: readonly string[] }
  /** the verdicts of servers of models about it, by their names */
  readonly servers?: { readonly [server: string]: FileVerdict }
  /** the mark of its bytes, while nobody else has written them */
  readonly own?: string
}

/** The beginning of the names of parts with records. */
export const RECORDS = 'file_'

/** A file without a record, whose bytes may still be on the disk. `uses`: the runs that may have pinned it. */
export type RemovedFile = Pick<FileRecord, 'bytes' | 'uses' | 'own'>

/** The removed file of a record. One with too many uses may have dropped a run. */
export const removedOf = ({ bytes, uses, own }: FileRecord): RemovedFile => ({
  bytes,
  uses: uses.filter((use) => use.startsWith('run/')),
  ...(uses.length < MAX_USES && present({ own })),
})

/** The part of a removed file. A dash hides the hash from the sweep, which would keep the bytes. */
export const removedPart = (file: string): string => `${REMOVED}${hashOfFile(file).replace(/.{32}/, '$&-')}`
export const fileOfRemoved = (part: string): string => fileIdOf(part.slice(REMOVED.length).replace('-', ''))
export const REMOVED = 'removed_'

/** Uses that a record keeps. */
const MAX_USES = 50

/** The record after a use. If there are too many, it drops the earliest run, or else the earliest conversation. */
export function usedBy(record: FileRecord, use: string | undefined, now: number): FileRecord {
  if (use === undefined) return { ...record, usedAt: now }
  const uses = [...record.uses.filter((one) => one !== use), use]
  if (uses.length > MAX_USES) {
    const run = uses.findIndex((one) => one.startsWith('run/'))
    uses.splice(run < 0 || run === uses.length - 1 ? 0 : run, 1)
  }
  return { ...record, usedAt: now, uses }
}

export const NO_NAME = 'file'

/** The reference to the file of a record. */
export const refOf = ({ file, type, name, bytes }: FileRef): FileRef => ({ file, type, name, bytes })

/** The last part of a path, without characters that a terminal or a header would act on. */
export function plainName(path: string): string {
  const last = path.split(/[\\/]/).findLast((part) => part !== '') ?? ''
  const clean = last
    .toWellFormed()
    .replace(/[\p{Cc}\p{Cf}]/gu, '')
    .trim()
  return clean === '.' || clean === '..' ? '' : [...clean].slice(0, MAX_NAME).join('')
}

const MAX_NAME = 200
