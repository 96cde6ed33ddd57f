import { randomBytes, randomInt } from 'node:crypto'
import { existsSync, statSync } from 'node:fs'
import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import { type Problem, problemOf, RetryableError } from '../../errors.ts'
import { present } from '../../lib/json/present.ts'
import { hashOfBytes, readFileIn } from '../blobs/draft.ts'
import { blobPath } from '../blobs/folder-store.ts'
import { hashesIn } from '../blobs/gc.ts'
import { s3AddressFrom } from '../blobs/s3-address.ts'
import { openS3Bucket } from '../blobs/s3-bucket.ts'
import { placesIn } from '../data-folder/layout.ts'
import { rowChecksum } from '../database/checked-row.ts'
import type { Write } from '../database/database.ts'
import { withDatabase } from '../database/with-database.ts'
import { encodeWrite } from '../database/writer.ts'
import { createMemoryCopies } from './memory.ts'
import type { ReplicaTarget, Segment } from './target.ts'
import { addFile, addSegment, claimTarget, padded, removeOlder } from './target.ts'

/** The files in a data folder that hold what is sent; a process that was killed leaves them. */
export const REPLICA_FILES = ['replica.base', 'replica.memory'] as const

export type ReplicaOptions = {
  readonly data: string
  readonly url: string
  /** seconds between two segments */
  readonly every?: number
  readonly environment: Readonly<Record<string, string | undefined>>
  /** Writes a backup while no blob is swept. */
  backup(file: string, signal: AbortSignal): Promise<unknown>
  /** Another owner has claimed the copy: this one must stop. */
  taken(error: Error): void
}

/** Characters of writes that wait in memory. More of them make a new copy necessary. */
const MOST_WAITING = 32 * 1024 * 1024

/** Characters of writes in one segment. */
const SEGMENT_SIZE = 4 * 1024 * 1024

/** Segments of a copy. More of them, or more characters than its base has bytes, make a new copy necessary, too. */
const MOST_SEGMENTS = 10_000

/** Intervals, and at most ms, until an owner without changes looks whether it is still the owner. */
const LOOK = { intervals: 6, ms: 30_000 }

/** Writes the base of a copy to a file in the data folder, and sends it. */
async function beginCopy(
  target: ReplicaTarget,
  number: string,
  data: string,
  backup: (file: string) => Promise<unknown>,
) {
  const file = join(data, 'replica.base')
  const name = `${target.claim}-${number}`
  try {
    await rm(file, { force: true })
    await backup(file)
    const hash = await hashOfBytes(readFileIn(file))
    await addFile(target, `${name}/base-`, file, hash)
    return createCopy(target, name, { hash, bytes: statSync(file).size })
  } finally {
    await rm(file, { force: true })
  }
}

/** A copy that has its base. */
function createCopy(target: ReplicaTarget, name: string, base: { readonly hash: string; readonly bytes: number }) {
  const known = new Set<string>()
  /** the objects that the next segment names, so that a lost one is missed */
  const files: string[] = []
  let [number, before, sent] = [1, base.hash, 0]
  // it may have arrived, so the very same is sent again
  let unsent: { readonly text: string; readonly count: number } | undefined
  return {
    name,
    addFile: (key: string) => void files.push(key),
    /** Sends the next segment, and gives the number of its writes. */
    async send(writes: readonly string[]): Promise<number> {
      if (!unsent) {
        // a blob is on disk before the write that names it, and any text may look like a hash
        for (const hash of new Set(writes.flatMap(hashesIn))) {
          const path = blobPath(target.blobs, hash)
          if (known.has(hash) || !existsSync(path)) continue
          // a base leaves a damaged one out, too
          if ((await hashOfBytes(readFileIn(path))) === hash)
            files.push(await addFile(target, `${name}/blobs/`, path, hash))
          known.add(hash)
        }
        const segment = { number, before, at: Date.now(), files: files.splice(0), writes }
        unsent = { text: JSON.stringify(segment satisfies Segment), count: writes.length }
      }
      const { text, count } = unsent
      before = await addSegment(target, name, number, text)
      unsent = undefined
      number++
      sent += text.length
      return count
    },
    /** Whether a restore would read more of segments than of another base. */
    isLong: () => number > MOST_SEGMENTS || sent > Math.max(base.bytes, MOST_WAITING),
  }
}

type Copying = Pick<ReplicaOptions, 'data' | 'backup'> & {
  readonly target: ReplicaTarget
  readonly ending: AbortSignal
}

/** The copy that the bucket has, and the writes that it lacks. */
function createCopying({ data, backup, target, ending }: Copying) {
  const memory = createMemoryCopies(data, ending)
  /** writes that wait for their segment, and their characters */
  const waiting: { readonly text: string; readonly at: number }[] = []
  let size = 0
  let copy: ReturnType<typeof createCopy> | undefined
  /** the last base that arrived */
  let newest: string | undefined
  let [copies, dropped] = [0, 0]
  let [hasOlder, isBusy] = [false, false]
  /** since when the folder has changes that neither the copy nor `waiting` has */
  let missing: number | undefined = Date.now()

  function take(count: number): void {
    for (const { text } of waiting.splice(0, count)) size -= text.length
  }

  function drop(): number {
    missing ??= waiting[0]?.at ?? Date.now()
    take(waiting.length)
    copy = undefined
    return ++dropped
  }

  async function begin(): Promise<void> {
    const before = drop()
    memory.inBase()
    const made = await beginCopy(target, padded(++copies), data, (file) => backup(file, ending))
    newest = made.name
    hasOlder = true
    if (dropped !== before)
      throw new RetryableError(
        `An erasure, or more than ${MOST_WAITING / 2 ** 20} MiB of writes, came while the base was made. It is made again.`,
        { code: 'storage' },
      )
    copy = made
    missing = undefined
  }

  const check = async () => void ((await claimTarget(target)) && copy && drop())

  async function work(isLast: boolean): Promise<void> {
    await check()
    if (missing !== undefined) await begin().finally(clean)
    // first: turns name what they have remembered; a failure of it keeps no writes back
    const failed = copy && (await memory.send(target, copy, isLast).catch((error: unknown) => ({ error })))
    const { length } = waiting
    for (let sent = 0; copy && sent < length && waiting.length > 0; ) {
      if (sent > 0) await check()
      sent += await sendSome()
    }
    await clean()
    if (failed) throw failed.error
    if (copy?.isLong() && !isLast) drop()
  }

  /** Sends the first writes that wait, and gives their number. */
  async function sendSome(): Promise<number> {
    const open = copy
    if (!open) return Number.POSITIVE_INFINITY
    let room = SEGMENT_SIZE
    const fits = waiting.findIndex(({ text }, n) => (room -= text.length) < 0 && n > 0)
    const count = await open.send(waiting.slice(0, fits < 0 ? undefined : fits).map(({ text }) => text))
    if (copy === open) take(count)
    return count
  }

  async function clean(): Promise<void> {
    if (hasOlder && newest !== undefined) hasOlder = await removeOlder(target, newest)
  }

  return {
    check,
    drop,
    /** Brings the bucket up to date, and tells whether it has a copy now. */
    async work(isLast: boolean): Promise<boolean> {
      isBusy = true
      await work(isLast).finally(() => void (isBusy = false))
      return copy !== undefined
    },
    wrote(write: Write): void {
      // a base that is to come has it
      if (missing !== undefined && !isBusy) return
      const text = encodeWrite(write)
      waiting.push({ text, at: Date.now() })
      size += text.length
      if (size > MOST_WAITING) drop()
    },
    /** Since when there are changes that the copy lacks. */
    lackingSince(): number | undefined {
      const times = [missing ?? waiting[0]?.at, memory.changed()].filter((time) => time !== undefined)
      return times.length === 0 ? undefined : Math.min(...times)
    },
    hasOlder: () => hasOlder,
  }
}

/**
 * The copy of a data folder, as its owner keeps it. It never stops the work of the folder.
 * @throws InvalidError for an address that is none, and without credentials
 */
export function openReplica({ url, every = 5, environment, taken, ...folder }: ReplicaOptions) {
  const { data } = folder
  const address = s3AddressFrom(url, environment)
  const ending = new AbortController()
  const name = `s3://${address.bucket}/${address.prefix}`
  let copying: ReturnType<typeof createCopying> | undefined
  let timer: NodeJS.Timeout | undefined
  let [isEnding, isOver] = [false, false]
  let at: number | undefined
  let problem: Problem | undefined
  let working: Promise<void> | undefined
  let looked = 0

  async function attempt(act: () => Promise<boolean | void>): Promise<void> {
    const begun = Date.now()
    looked = begun
    try {
      if (await act()) at = begun
      problem = undefined
    } catch (error) {
      problem = ending.signal.aborted ? undefined : problemOf(error)
      isOver = problem?.code === 'fenced'
      if (isOver) taken(error as Error)
    } finally {
      working = undefined
    }
  }

  function sync(): Promise<void> | undefined {
    const isDue = copying && (copying.lackingSince() !== undefined || copying.hasOlder())
    if (isOver || !copying) return working
    if (isDue) working ??= attempt(() => copying!.work(isEnding))
    // one that has nothing to write hears of a new owner, too
    else if (Date.now() - looked > Math.min(LOOK.ms, every * 1000 * LOOK.intervals)) working ??= attempt(copying.check)
    return working
  }

  return {
    /** The database of the folder is open. */
    begin(): void {
      const bucket = openS3Bucket(address, ending.signal)
      const target = { bucket, name, ...identify(data), blobs: placesIn(data).blobs }
      copying = createCopying({ ...folder, target, ending: ending.signal })
      // an owner that was replaced hears of it at its start
      working = attempt(copying.check)
      timer = setInterval(() => void sync(), every * 1000)
      timer.unref()
    },
    /** A write is on disk. */
    wrote: (write: Write): void => void (isOver || copying?.wrote(write)),
    /** Begins a new copy, and removes the ones before, which hold erased data. */
    renew: (): void => void copying?.drop(),
    status() {
      const since = copying?.lackingSince()
      const behind = since === undefined ? 0 : Math.max(1, Date.now() - since)
      return { target: name, behind, ...present({ at, problem }) }
    },
    /** Copies what is left, for at most `grace` ms. Warns if that fails. */
    async close(grace = 5_000): Promise<void> {
      clearInterval(timer)
      if (!copying || isOver) return
      isEnding = true
      const late = setTimeout(() => ending.abort(), grace)
      // one that began before the last write, and others
      await sync()
      do await sync()
      while (!problem && !ending.signal.aborted && copying.lackingSince() !== undefined)
      clearTimeout(late)
      isOver = true
      const why = problem?.message ?? 'there was no time left.'
      if (copying.lackingSince() !== undefined)
        process.emitWarning(`The replica lacks the last changes: ${why}`, { code: 'ANTIPHON_REPLICA' })
    },
  }
}

/** The number of a folder, which copies of it keep, and the claim of its writer. */
function identify(data: string): Pick<ReplicaTarget, 'lineage' | 'claim'> {
  return withDatabase(placesIn(data).database, (database) => {
    const made = randomInt(2 ** 47)
    database.prepare("insert or ignore into meta values('lineage', ?, ?)").run([made, rowChecksum([made])])
    const read = database.prepare('select value from meta where name = ?')
    const numberOf = (name: string) => (read.get([name]) as { readonly value: number }).value
    return { lineage: numberOf('lineage'), claim: `${padded(numberOf('epoch'))}-${randomBytes(4).toString('hex')}` }
  })
}
