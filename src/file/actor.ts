import { z } from 'zod'
import { NotFoundError, problemOf, TerminalError } from '../errors.ts'
import { defineActor } from '../kernel/turn.ts'
import type { Actor, ActorRef, Effects, Turn } from '../kernel/types.ts'
import { present } from '../lib/json/present.ts'
import { type FileRef, isFileId, verdictAfter } from '../lib/media/file-ref.ts'
import { formatSize } from '../lib/text/format-size.ts'
import { type FileRecord, NO_NAME, type RemovedFile, refOf, removedOf, removedPart, usedBy } from './record.ts'

export const FILES_KIND = 'files'

export const filesRef = (owner: string): ActorRef => ({ kind: FILES_KIND, key: owner })

/** The sums of an owner's files, also of removed ones until their bytes are gone. The index holds them, too. */
export type FilesState = { readonly files: number; readonly bytes: number }

const NO_FILES: FilesState = { files: 0, bytes: 0 }

/** Replies are stored for a day, so they do not name files: the bytes would stay as long. */
type Unnamed<T> = Omit<T, 'file'>
export type AddedFile = { readonly record: Unnamed<FileRecord>; readonly isNew: boolean }
/** The reply to a `use`, in the order of its files. */
export type UsedFiles = readonly Unnamed<FileRef>[]

/** Records of one owner: lists read all of them. */
const MAX_FILES = 10_000
/** Files that one message names. */
export const MAX_NAMED = 50

const file = z.custom<string>(isFileId)
const use = z.string().min(1).max(1100)
const message = z.discriminatedUnion('type', [
  z.object({
    type: z.literal('add'),
    file,
    name: z.string(),
    mediaType: z.string(),
    bytes: z.int().min(0),
    use: use.exactOptional(),
    own: z.string().exactOptional(),
  }),
  z.object({ type: z.literal('use'), files: z.array(file).max(MAX_NAMED), use: use.exactOptional() }),
  z.object({ type: z.literal('read'), file, reader: z.string().max(100), hashes: z.array(z.string()).max(100) }),
  z.object({
    type: z.literal('judge'),
    files: z.array(file).max(MAX_NAMED),
    server: z.string().max(200),
    words: z.string().max(1000).exactOptional(),
  }),
  z.object({ type: z.literal('remove'), files: z.array(file).max(MAX_NAMED), usedBefore: z.number().exactOptional() }),
  z.object({ type: z.literal('gone'), file }),
])
type FilesMessage = z.infer<typeof message>
type Of<Type extends FilesMessage['type']> = Extract<FilesMessage, { readonly type: Type }>

/**
 * `files/OWNER`: the records of an owner's files, each in a part with the id of the file. It ends with its last file.
 * `quota`: the bytes of all files of an owner.
 */
export function filesActor(quota: number): Actor<FilesState, FilesMessage> {
  return defineActor<FilesState, FilesMessage>({
    kind: FILES_KIND,
    message,
    initial: () => NO_FILES,
    async receive(state, asked, effects) {
      switch (asked.type) {
        case 'add':
          return add(state, asked, quota, effects)
        case 'use':
          return markUsed(state, asked, effects)
        case 'read':
          return noteReading(state, asked, effects)
        case 'judge':
          return judge(state, asked, effects)
        case 'remove':
          return remove(asked, effects)
        case 'gone':
          return noteGone(state, asked, effects)
      }
    },
  })
}

/** The same content again is the same file, with its first name, and counts once. */
async function add(
  state: FilesState,
  { file, name, mediaType, bytes, use, own }: Of<'add'>,
  quota: number,
  effects: Effects,
): Promise<Turn<FilesState>> {
  const known = await recordOf(file, effects)
  const now = await effects.now()
  const said = known?.name === NO_NAME && { name, type: mediaType }
  // the bytes of a removed file count until they are gone, and its runs may still read them
  const removed = known ? undefined : ((await effects.part(removedPart(file))) as RemovedFile | undefined)
  const uses = removed?.uses ?? []
  const { own: _, ...found } = { file, name, type: mediaType, bytes, at: now, usedAt: now, uses, ...known, ...said }
  const record = usedBy({ ...found, ...present({ own }) }, use, now)
  const parts = { [file]: record, ...(removed && { [removedPart(file)]: null }) }
  if (known || removed) return { parts, reply: { record: unnamed(record), isNew: false } satisfies AddedFile }
  try {
    checkQuota(state, bytes, quota)
  } catch (error) {
    return refuse(state, error)
  }
  const next = { files: state.files + 1, bytes: state.bytes + bytes }
  return { state: next, index: next, parts, reply: { record: unnamed(record), isNew: true } satisfies AddedFile }
}

/** Error `file_quota` when an owner with these files may not have one more of this size. */
export function checkQuota({ files, bytes: held }: FilesState = NO_FILES, bytes: number, quota: number): void {
  if (held + bytes > quota) throw noRoom(`the owner has ${formatSize(held)} of ${formatSize(quota)}`, bytes)
  if (files >= MAX_FILES) throw noRoom(`the owner has ${files} files`, bytes)
}

async function markUsed(state: FilesState, { files, use }: Of<'use'>, effects: Effects): Promise<Turn<FilesState>> {
  const now = await effects.now()
  const parts: { [file: string]: FileRecord } = {}
  for (const file of files) {
    const record = await recordOf(file, effects)
    if (!record) return refuse(state, noFile(file))
    parts[file] = usedBy(record, use, now)
  }
  return { parts, reply: files.map((file) => unnamed(refOf(parts[file]!))) satisfies UsedFiles }
}

/** The reading of a file goes with its record. That of an older version of its reader is replaced. */
async function noteReading(
  state: FilesState,
  { file, reader, hashes }: Of<'read'>,
  effects: Effects,
): Promise<Turn<FilesState>> {
  const record = await recordOf(file, effects)
  if (!record) return refuse(state, noFile(file))
  const word = (name: string) => name.split('-')[0]
  const others = Object.entries(record.readings ?? {}).filter(([name]) => word(name) !== word(reader))
  const readings = { ...Object.fromEntries(others), [reader]: hashes }
  return { parts: { [file]: { ...record, readings } }, reply: null }
}

/** Notes what a server did with files. Those that are removed by now have no verdict. */
async function judge(
  state: FilesState,
  { files, server, words }: Of<'judge'>,
  effects: Effects,
): Promise<Turn<FilesState>> {
  const now = await effects.now()
  const parts: { [file: string]: FileRecord } = {}
  for (const file of files) {
    const record = await recordOf(file, effects)
    const verdict = verdictAfter(record?.servers?.[server], words, now)
    if (record) parts[file] = { ...record, servers: { ...record.servers, [server]: verdict } }
  }
  return { parts, reply: null, ...(state.files === 0 && { stop: true }) }
}

/** Removes records; those that were used since `usedBefore` stay. Their bytes count until they are gone. */
async function remove(
  { files, usedBefore = Number.POSITIVE_INFINITY }: Of<'remove'>,
  effects: Effects,
): Promise<Turn<FilesState>> {
  const parts: { [part: string]: RemovedFile | null } = {}
  for (const file of new Set(files)) {
    const record = await recordOf(file, effects)
    if (!record || record.usedAt >= usedBefore) continue
    parts[file] = null
    parts[removedPart(file)] = removedOf(record)
  }
  return { parts, reply: true }
}

/** The bytes of a removed file are gone, or count for another owner. Replies with them. */
async function noteGone(state: FilesState, { file }: Of<'gone'>, { part }: Effects): Promise<Turn<FilesState>> {
  const name = removedPart(file)
  const { bytes: reply } = ((await part(name)) as RemovedFile | undefined) ?? {}
  if (reply === undefined) return { reply: 0 }
  const next = { files: state.files - 1, bytes: state.bytes - reply }
  return next.files === 0 ? { reply, stop: true } : { state: next, index: next, parts: { [name]: null }, reply }
}

const unnamed = <T extends FileRef>({ file: _, ...rest }: T): Unnamed<T> => rest

const recordOf = async (file: string, { part }: Effects) => (await part(file)) as FileRecord | undefined

/** An actor without records ends. */
const refuse = ({ files }: FilesState, error: unknown): Turn<FilesState> => ({
  refuse: problemOf(error),
  ...(files === 0 && { stop: true }),
})

/** The error for a file that the owner does not have, whoever else does. */
export const noFile = (file: string): NotFoundError =>
  new NotFoundError(`There is no file ${file.slice(0, 80)}.`, { code: 'file_not_found' })

/** The error for a file that has no place. `held`: what there is. */
export const noRoom = (held: string, bytes: number, hint = 'Remove files that are no longer needed.'): TerminalError =>
  new TerminalError(`A file of ${formatSize(bytes)} has no place: ${held}.`, { code: 'file_quota', hint })
