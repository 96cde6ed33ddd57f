import { createWriteStream, existsSync } from 'node:fs'
import { chmod, mkdir, mkdtemp, rename, rm, utimes } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join, resolve } from 'node:path'
import { pipeline } from 'node:stream/promises'
import { InvalidError, TerminalError } from '../../errors.ts'
import { copyCommitted } from '../backup/memory-copy.ts'
import { checkEmpty, restoreBackup } from '../backup/restore.ts'
import { type Verification, verifyBackup } from '../backup/verify.ts'
import { hashOfBytes, readFileIn } from '../blobs/draft.ts'
import { blobPath } from '../blobs/folder-store.ts'
import type { S3Address } from '../blobs/s3-address.ts'
import { openS3Bucket, type S3Bucket } from '../blobs/s3-bucket.ts'
import { rowChecksum } from '../database/checked-row.ts'
import { LAST_FLUSH } from '../database/lost-writes.ts'
import { withDatabase } from '../database/with-database.ts'
import { decodeWrite, openWriter, type WriterOptions } from '../database/writer.ts'
import { claimAgain, findCopy, type Segment, sha } from './target.ts'

export type RestoreOptions = Pick<WriterOptions, 'schema' | 'statements'> & {
  /** up to which moment, in ms since the epoch; absent: all */
  readonly until?: number
  /** the folder; absent: the copy is only read */
  readonly folder?: string
}

/** The base, the end of the copy and of its memories in ms since the epoch, and the segments up to there. */
export type ReadCopy = Verification & { readonly [field in 'end' | 'memories' | 'segments']: number }

type Copy = Awaited<ReturnType<typeof findCopy>>

/**
 * Restores a folder from a copy in a bucket. Once it has read the copy, it claims it, so that an owner that still
 * reaches it stops, and raises the epoch of the folder.
 * @throws InvalidError without a copy, and TerminalError `damaged` if it is not whole up to `until`
 */
export async function restoreReplica(address: S3Address, options: RestoreOptions): Promise<ReadCopy> {
  const { folder, until } = options
  const bucket = openS3Bucket(address)
  const name = `s3://${address.bucket}/${address.prefix}`
  if (folder !== undefined) checkEmpty(folder)
  const beside = folder === undefined ? tmpdir() : dirname(resolve(folder))
  await mkdir(beside, { recursive: true })
  const aside = await mkdtemp(join(beside, '.antiphon-replica-'))
  try {
    const base = join(aside, 'base')
    const first = await openCopy(bucket, name, base, until)
    for await (const _ of first.segments);
    if (folder === undefined) {
      await first.addFiles(aside)
      return first.read
    }
    const epoch = await claimAgain(bucket)
    // after the claim: what an owner wrote before it could see it counts
    const { read, segments, addFiles } = await openCopy(bucket, name, base, until)
    await restoreBackup(base, folder, async (draft) => {
      const path = join(draft, 'engine.db')
      await addWrites(path, options, segments)
      mark(path, { epoch, restored: read.end })
      await addFiles(draft)
      await utimes(path, read.end / 1000, read.end / 1000)
    })
    return read
  } finally {
    await rm(aside, { recursive: true, force: true })
  }
}

/** Downloads the base of the last copy to `base`, unless it is there, and finds what belongs to it. */
async function openCopy(bucket: S3Bucket, name: string, base: string, until: number | undefined) {
  const copy = await findCopy(bucket)
  if (!existsSync(base) || (await hashOfBytes(readFileIn(base))) !== copy.base.hash)
    await download(bucket, copy.base, base)
  const found = verifyBackup(base)
  if (until !== undefined && until < found.at)
    throw new InvalidError(`The copy begins at ${new Date(found.at).toISOString()}, which is later than --at.`)
  const memory = copy.memory.findLast(({ key }) => timeOf(key) <= (until ?? Infinity))
  const memories = memory ? timeOf(memory.key) : found.at
  const read = { ...found, file: name, end: found.at, memories, segments: 0 }
  const files: Named[] = []
  async function addFiles(folder: string): Promise<void> {
    for (const { key, hint } of files.filter((one) => one.key.includes('/blobs/'))) {
      const hash = key.slice(-64)
      await download(bucket, { key, hash }, blobPath(join(folder, 'blobs'), hash), hint)
    }
    const last = files.findLast(({ key }) => key.includes('/memory/'))
    // an earlier state has those of its base: newer memories have replaced its own
    if (until === undefined && last && memories < timeOf(last.key)) throw damaged(`${last.key} is missing`, last.hint)
    if (memory) await download(bucket, memory, join(folder, 'memory.db'))
  }
  return { read, segments: segmentsOf(bucket, copy, read, files, until), addFiles }
}

/** The key of a blob or of memories that a segment names, and how to restore without it. */
type Named = { readonly key: string; readonly hint: string }

const timeOf = (key: string) => Number(/\/memory\/(\d+)-/.exec(key)?.[1])

async function download(bucket: S3Bucket, { key, hash }: Copy['base'], path: string, hint?: string): Promise<void> {
  await mkdir(dirname(path), { recursive: true, mode: 0o700 })
  await pipeline((await bucket.open(key)) ?? [], createWriteStream(path, { mode: 0o600 }))
  if ((await hashOfBytes(readFileIn(path))) === hash) return
  throw damaged(`${key} is missing or holds something else than was written`, hint)
}

/** The segments of a copy, in order, up to a moment. Counts those that were used, and lists their files. */
async function* segmentsOf(
  bucket: S3Bucket,
  copy: Copy,
  read: { end: number; segments: number },
  files: Named[],
  until = Infinity,
): AsyncGenerator<Segment> {
  let { hash: before } = copy.base
  for (const { key, hash } of copy.segments) {
    if (read.end >= until) return
    const text = (await bucket.get(key)) ?? ''
    const segment: Segment | undefined = sha(text) === hash ? JSON.parse(text) : undefined
    const hint = `To restore what comes before it: --at ${new Date(read.end).toISOString()}`
    if (segment?.before !== before || segment.number !== read.segments + 1)
      throw damaged(`segment ${read.segments + 1} is missing or holds something else than was written`, hint)
    if (segment.at > until) return
    yield segment
    files.push(...segment.files.map((key) => ({ key, hint })))
    read.end = segment.at
    read.segments++
    before = hash
  }
}

/** Gives the writes of segments to a restored database, as its owner did. */
async function addWrites(
  path: string,
  { schema, statements }: RestoreOptions,
  segments: AsyncIterable<Segment>,
): Promise<void> {
  let { last } = withDatabase(path, (database) => database.prepare(LAST_FLUSH).get([])) as { readonly last: number }
  const writer = openWriter({ path, schema, statements, synchronous: 'NORMAL' })
  try {
    // the base has the first ones
    for await (const { writes } of segments)
      for (const write of writes.map(decodeWrite).filter(({ seq }) => seq > last)) {
        if (write.seq !== last + 1) throw damaged(`write ${last + 1} is missing, and ${write.seq} is there`)
        writer.write(write)
        last = write.seq
      }
  } finally {
    writer.close()
  }
  // one file: the writer may not have let go of the log yet
  const whole = `${path}.whole`
  copyCommitted(path, whole)
  await chmod(whole, 0o600)
  for (const name of [path, `${path}-wal`, `${path}-shm`]) await rm(name, { force: true })
  await rename(whole, path)
}

/** `restored`: what was done after that time is unknown to the engine. */
function mark(path: string, values: { readonly epoch: number; readonly restored: number }): void {
  withDatabase(path, (database) => {
    const put = database.prepare('insert or replace into meta values(?, ?, ?)')
    for (const [name, value] of Object.entries(values)) put.run([name, value, rowChecksum([value])])
  })
}

const damaged = (what: string, hint?: string) =>
  new TerminalError(`The copy is damaged: ${what}. Nothing was restored.`, { code: 'damaged', hint })
