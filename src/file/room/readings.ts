import { createWriteStream } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pipeline } from 'node:stream/promises'
import type { Engine } from '../../engine/engine.ts'
import { unlessMissing } from '../../errors.ts'
import { present } from '../../lib/json/present.ts'
import { type FileRef, type FileVerdict, hashOfFile } from '../../lib/media/file-ref.ts'
import { LOCAL_OWNER, ownerField } from '../../lib/owner.ts'
import type { FileVerdicts } from '../../model/request/request.ts'
import type { ByteStore } from '../../store/blobs/blobs.ts'
import { filesRef, MAX_NAMED } from '../actor.ts'
import type { FileRecord } from '../record.ts'
import type { OpenedFile } from './port.ts'

type OfOwner = { readonly owner?: string }

/** The readings of files, which go with the records of their owners. Errors `file_not_found`. */
export interface FileReadings {
  /** The hashes that a reader noted, by its name or the word before its version; undefined: it has read nothing. */
  find(file: string, reader: string, options?: OfOwner): Promise<readonly string[] | undefined>
  /** Notes the reading of a file: its hash in the store of values, and those of its frames. */
  note(file: string, reader: string, hashes: readonly string[], options?: OfOwner): Promise<void>
  /** The file as a path of this machine, for programs. */
  onDisk(file: string, options?: OfOwner): Promise<FileOnDisk>
}

/** A path of this machine with the bytes of a file, until it is closed. */
type FileOnDisk = { readonly path: string; close(): Promise<void> }

type Parts = {
  readonly engine: Pick<Engine, 'ask'>
  readonly bytes: ByteStore
  recordOf(file: string, owner?: string): Promise<FileRecord>
  open(file: string, options?: OfOwner): Promise<OpenedFile>
}

export const fileReadings = ({ engine, bytes, recordOf, open }: Parts): FileReadings => ({
  async find(file, reader, { owner } = {}) {
    const { readings = {} } = await recordOf(file, owner)
    const [name = reader] = Object.keys(readings).filter((one) => one.startsWith(`${reader}-`))
    return readings[reader] ?? readings[name]
  },
  async note(file, reader, hashes, { owner = LOCAL_OWNER } = {}) {
    await engine.ask(filesRef(owner), { type: 'read', file, reader, hashes })
  },
  onDisk: (file, options) => fileOnDisk(bytes, file, () => open(file, options)),
})

/** The verdicts of servers about the files of an owner, in the records of the files. */
export type StoredVerdicts = FileVerdicts & {
  /** When a server last refused a request because of a file; 0: none has. */
  lastRefusal(file: string): Promise<number>
}

export function storedVerdicts(
  { engine, recordOf }: Pick<Parts, 'engine' | 'recordOf'>,
  owner = LOCAL_OWNER,
): StoredVerdicts {
  const verdictsOf = async (file: string): Promise<{ readonly [server: string]: FileVerdict }> =>
    (await recordOf(file, owner).catch(unlessMissing))?.servers ?? {}
  return {
    async find(server, files) {
      const found = files.map(async (file) => [file, (await verdictsOf(file))[server]] as const)
      return new Map((await Promise.all(found)).flatMap(([file, verdict]) => (verdict ? [[file, verdict]] : [])))
    },
    async note(server, files, words) {
      for (let at = 0; at < files.length; at += MAX_NAMED) {
        const message = { type: 'judge', server, files: files.slice(at, at + MAX_NAMED), ...present({ words }) }
        await engine.ask(filesRef(owner), message)
      }
    },
    lastRefusal: async (file) =>
      Math.max(0, ...Object.values(await verdictsOf(file)).map(({ refused }) => refused?.at ?? 0)),
  }
}

/** Something that is made of a file once for its owner. `reader`: its name in the record. */
type Making<T> = {
  readonly file: FileRef
  readonly owner: string | undefined
  readonly reader: string
  /** the name that is noted, if it has a version */
  readonly noted?: string
  /** Reads an earlier result, by the first hash that was noted. */
  get(hash: string): Promise<T>
  /** Makes it from a path of this machine. Without hashes nothing is noted, and it is made again. */
  make(path: string): Promise<{ readonly value: T; readonly hashes: readonly string[] }>
}

/** Finds what was made of a file, or makes and notes it. */
export async function madeOnce<T>(readings: FileReadings, { file, ...made }: Making<T>): Promise<T> {
  const { reader, noted = reader } = made
  const owner = ownerField(made.owner)
  const [known] = (await readings.find(file.file, reader, owner)) ?? []
  if (known !== undefined) return made.get(known)
  const { path, close } = await readings.onDisk(file.file, owner)
  try {
    const { value, hashes } = await made.make(path)
    if (hashes.length > 0) await readings.note(file.file, noted, hashes, owner)
    return value
  } finally {
    await close()
  }
}

/** The blob itself where it is a file of this machine, else a copy. */
async function fileOnDisk(bytes: ByteStore, file: string, open: () => Promise<OpenedFile>): Promise<FileOnDisk> {
  // checks that the owner has it
  const opened = await open()
  const own = await bytes.pathOf(hashOfFile(file))
  if (own !== undefined) return { path: own, close: async () => {} }
  const folder = await mkdtemp(join(tmpdir(), 'antiphon-file-'))
  const path = join(folder, 'content')
  const close = () => rm(folder, { recursive: true, force: true })
  try {
    await pipeline(opened.content(), createWriteStream(path, { mode: 0o600 }))
    return { path, close }
  } catch (error) {
    await close()
    throw error
  }
}
