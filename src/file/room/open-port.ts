import { hash as digest } from 'node:crypto'
import { InvalidError, is, NotFoundError, TerminalError } from '../../errors.ts'
import type { House } from '../../house/house.ts'
import { encodeCursor, placeOf } from '../../house/paging.ts'
import { readSinglePart } from '../../kernel/parts.ts'
import { inTurn } from '../../lib/collections/in-turn.ts'
import { present } from '../../lib/json/present.ts'
import { type FileRef, fileIdOf, hashOfFile, isFileId } from '../../lib/media/file-ref.ts'
import { typeOfFile } from '../../lib/media/media-type.ts'
import { LOCAL_OWNER } from '../../lib/owner.ts'
import type { MediaPrograms } from '../../source/media/programs.ts'
import type { ByteStore } from '../../store/blobs/blobs.ts'
import type { BlobDraft } from '../../store/blobs/draft.ts'
import { wholeBytes } from '../../store/blobs/whole-bytes.ts'
import { type AddedFile, checkQuota, type FilesState, filesRef, MAX_NAMED, noFile, type UsedFiles } from '../actor.ts'
import { type FileRecord, NO_NAME, plainName, RECORDS, type RemovedFile, refOf, removedPart } from '../record.ts'
import { type FileSettings, fileLimits } from '../settings.ts'
import { measureContent, tooLarge, wrongName } from './content.ts'
import { folderUsage, freeRemoved } from './disk-usage.ts'
import type { FilesPort, FilesQuery, OpenedFile, StoredFile } from './port.ts'
import { type FileReadings, fileReadings, storedVerdicts } from './readings.ts'
import { smallPictures } from './small-pictures.ts'

/** The needs of files: their limits, the place of their bytes, and the programs that decode media. */
export type FileNeeds = {
  readonly config: { readonly files?: FileSettings }
  readonly bytes: ByteStore
  programs(): Promise<MediaPrograms>
}

/** Files, with what the erasure of an owner needs. */
export type OwnedFiles = FilesPort & {
  /** Removes all records of an owner, or counts them. */
  forgetOwner(owner: string, options: { readonly dryRun: boolean }): Promise<number>
  readonly readings: FileReadings
  /** A picture within bounds, made once; undefined: it cannot be made smaller here. */
  readonly smallPicture: ReturnType<typeof smallPictures>
  programs(): Promise<MediaPrograms>
}

/** Bounds of a thumbnail: pixels of its longer side, and bytes. */
const THUMBNAIL = { side: 320, bytes: 512 * 1024 }

export function openFiles(house: House & FileNeeds): OwnedFiles {
  const { engine, bytes, checkOwner } = house
  const limits = fileLimits(house.config.files)
  const usage = folderUsage(engine.view, house.clock, limits.folder)
  const oneByOne = inTurn()

  const findPart = (name: string, owner: string) =>
    readSinglePart((of, page) => engine.view.parts(of, page), filesRef(owner), name)

  async function recordOf(file: string, owner = LOCAL_OWNER): Promise<FileRecord> {
    const record = isFileId(file) ? await findPart(file, owner) : undefined
    if (!record) throw noFile(file)
    return record as FileRecord
  }

  /** Keeps the bytes first, and then makes the record: after a kill in between, a sweep takes the bytes. */
  async function keep(draft: BlobDraft, record: NewRecord, owner: string): Promise<StoredFile> {
    const file = fileIdOf(draft.hash)
    await checkOwner(owner)
    const known = (await findPart(file, owner)) ?? (await findPart(removedPart(file), owner))
    if (!known) {
      const held = (await engine.view.peek(filesRef(owner))) as FilesState | undefined
      checkQuota(held, draft.bytes, limits.owner)
    }
    const added = await usage.add(known ? 0 : draft.bytes, async () => {
      const own = await bytes.keep(draft, (known as RemovedFile | undefined)?.own)
      const message = { type: 'add', file, bytes: draft.bytes, ...record, ...present({ own }) }
      return (await engine.ask(filesRef(owner), message)) as AddedFile
    })
    return documentOf({ file, ...added.record })
  }

  async function open(file: string, { owner, start = 0, end }: OpenOptions = {}): Promise<OpenedFile> {
    const ref = refOf(await recordOf(file, owner))
    const until = Math.min(end ?? ref.bytes, ref.bytes)
    if (start < 0 || start > until)
      throw new InvalidError(`Expected a range within ${ref.bytes} bytes, got ${start} to ${end ?? ref.bytes}.`)
    const content = await bytes.open(hashOfFile(file), { start, end: until }).catch((error: unknown) => {
      throw is(error, 'NotFoundError') ? lost(file, error) : error
    })
    return { ...ref, start, end: until, content: () => content }
  }

  const readings = fileReadings({ engine, bytes, recordOf, open })
  const smallPicture = smallPictures({
    readings: () => readings,
    bytes: wholeBytes(bytes),
    programs: house.programs,
  })

  async function list({ owner = LOCAL_OWNER, use, after, limit = 100 }: FilesQuery = {}): Promise<StoredFile[]> {
    const found: StoredFile[] = []
    const place = after === undefined ? undefined : placeOf(after)
    for await (const [, part] of engine.view.parts(filesRef(owner), { prefix: RECORDS })) {
      const document = documentOf(part as FileRecord)
      if (use !== undefined && !document.uses.includes(use)) continue
      if (place === undefined || newestFirst({ file: place.key, at: place.at }, document) < 0) found.push(document)
    }
    return found.sort(newestFirst).slice(0, limit)
  }

  async function resolve(
    given: readonly (string | { readonly file: string })[],
    { owner = LOCAL_OWNER, use }: { readonly owner?: string; readonly use?: string },
  ): Promise<readonly FileRef[]> {
    const ids = given.map((one) => (typeof one === 'string' ? one : one.file))
    const wrong = ids.find((id) => !isFileId(id))
    if (wrong !== undefined) throw noFile(wrong)
    const known = new Map<string, FileRef>()
    const files = [...new Set(ids)]
    for (let at = 0; at < files.length; at += MAX_NAMED) {
      const portion = files.slice(at, at + MAX_NAMED)
      const message = { type: 'use', files: portion, ...(use !== undefined && { use }) }
      const labels = (await engine.ask(filesRef(owner), message)) as UsedFiles
      for (const [n, file] of portion.entries()) known.set(file, { file, ...labels[n]! })
    }
    return ids.map((id) => known.get(id)!)
  }

  return {
    async add(content, { name: path = '', owner = LOCAL_OWNER, use, signal, onWrongName } = {}) {
      await checkOwner(owner)
      const { pieces, head } = measureContent(content, limits.max, signal)
      const draft = await bytes.draft(pieces)
      try {
        // what a tool returns may be empty
        if (draft.bytes === 0 && onWrongName !== 'shorten') throw emptyFile()
        const given = plainName(path) || NO_NAME
        const { type, said } = await typeOfFile(given, head())
        if (said !== undefined && onWrongName !== 'shorten') throw wrongName(given, type, said)
        const name = said === undefined ? given : given.replace(/\.\w+$/, '') || NO_NAME
        const record = { name, mediaType: type, ...(use !== undefined && { use }) }
        return await oneByOne(owner, () => keep(draft, record, owner))
      } finally {
        await bytes.drop(draft)
      }
    },
    get: async (file, { owner } = {}) => documentOf(await recordOf(file, owner)),
    open,
    async read(file, { owner, max }) {
      const { bytes: size, content } = await open(file, owner === undefined ? {} : { owner })
      if (size > max) throw tooLarge(max)
      const pieces = await Array.fromAsync(content())
      const whole = Buffer.concat(pieces)
      if (digest('sha256', whole) !== hashOfFile(file)) throw damaged(file)
      return whole
    },
    list,
    async remove(file, { owner = LOCAL_OWNER } = {}) {
      await recordOf(file, owner)
      await engine.ask(filesRef(owner), { type: 'remove', files: [file] })
      usage.remove(await freeRemoved(engine, bytes, owner, removedPart(file)))
    },
    readings,
    verdicts: (owner) => storedVerdicts({ engine, recordOf }, owner),
    smallPicture,
    programs: house.programs,
    async thumbnail(file, { owner } = {}) {
      const ref = refOf(await recordOf(file, owner))
      const small = ref.type.startsWith('image/') ? await smallPicture(ref, THUMBNAIL, owner) : undefined
      if (small) return small
      throw new NotFoundError(`There is no thumbnail of ${ref.name}, which is ${ref.type}.`, {
        code: 'no_thumbnail',
        hint: 'Pictures have one where ffmpeg can run: `antiphon doctor` says what is missing.',
      })
    },
    async forgetOwner(owner, { dryRun }) {
      const held = (await engine.view.peek(filesRef(owner))) as FilesState | undefined
      if (held && !dryRun) await engine.tell(filesRef(owner), null, { type: 'stop' })
      return held?.files ?? 0
    },
    resolve,
    async copyUses({ from, to }, of = {}) {
      const used = await list({ ...of, use: from, limit: Number.POSITIVE_INFINITY })
      await resolve(used, { ...of, use: to })
    },
  }
}

type OpenOptions = NonNullable<Parameters<FilesPort['open']>[1]>
type NewRecord = { readonly name: string; readonly mediaType: string; readonly use?: string }

const documentOf = (record: FileRecord): StoredFile => ({
  ...refOf(record),
  at: record.at,
  uses: record.uses,
})

type Placed = Pick<StoredFile, 'file' | 'at'>

/** The cursor behind a file of a list. It stays valid when the file is removed. */
export const cursorOfFile = ({ at, file }: Placed): string => encodeCursor(at, file)

const newestFirst = (a: Placed, b: Placed) => b.at - a.at || (a.file < b.file ? -1 : Number(a.file > b.file))

const emptyFile = () => new InvalidError('Expected a file with content, got an empty one.')

const lost = (file: string, cause: unknown) =>
  new TerminalError(`The bytes of ${file} are missing.`, { code: 'damaged', cause })
const damaged = (file: string) =>
  new TerminalError(`${file} is damaged: its content does not match its hash.`, { code: 'damaged' })
