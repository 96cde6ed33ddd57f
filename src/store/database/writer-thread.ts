import { extname } from 'node:path'
import { Worker } from 'node:worker_threads'
import { TerminalError } from '../../errors.ts'
import type { Database, Write } from './database.ts'
import { type AheadOptions, copyAhead } from './wal-checkpointer.ts'
import { type Copy, frame, openWriter, type ThreadData, type Told, type WriterOptions } from './writer.ts'

/** Where writes go; each listener is given once, before the first write. */
export type Writing = Pick<Database, 'write' | 'onFailed' | 'close'> & {
  /** Told of each write that is durable: its number, and the ms that it took where it was written. */
  onWritten(listener: (seq: number, took: number) => void): void
}

/** Where writes go, and the copies of the write-ahead log between them. */
export type Place = Writing & { copy(how: Copy): void }

/** Keeps the write-ahead log short. */
export function copyingAhead(place: Place, path: string, options?: AheadOptions): Writing {
  const ahead = copyAhead(path, place.copy, options)
  let last: Write | undefined
  return {
    write(write) {
      ahead.beforeWrite()
      last = write
      place.write(write)
    },
    onWritten: (listener) =>
      place.onWritten((seq, took) => {
        ahead.wrote(last!)
        listener(seq, took)
      }),
    onFailed: place.onFailed,
    async close() {
      await ahead.close()
      await place.close()
    },
  }
}

/** Writes in this thread: it waits for the disk. */
export function writeHere(options: WriterOptions): Place & { readonly epoch: number } {
  const writer = openWriter(options)
  let written = (_seq: number, _took: number) => {}
  let failed = (_error: Error) => {}
  return {
    epoch: writer.epoch,
    write(write) {
      const from = performance.now()
      try {
        writer.write(write)
      } catch (error) {
        failed(error as Error)
        return
      }
      written(write.seq, performance.now() - from)
    },
    onWritten: (listener) => (written = listener),
    onFailed: (listener) => (failed = listener),
    copy: writer.copy,
    close: async () => writer.close(),
  }
}

/** Writes in a thread of its own: this one goes on meanwhile, and hears of it a little later. */
export function writeInThread(options: WriterOptions): Promise<Place> {
  return startThread(options, 'at once')
}

/** Flushes that take longer than this (ms, on average) are slow: others should not have to wait for them. What a checkpoint adds is not counted. */
const SLOW = 0.8
/** No single write counts for more than so many slow ones: a disk that stalls once is not slow. */
const MOST = 4

/** Writes here as long as that is quick, and in a thread of its own while it is not. */
export function writeWhereItIsQuick(options: WriterOptions, slow = () => SLOW): Place {
  const here = writeHere(options)
  let thread: Place | undefined
  let starting: Promise<void> | undefined
  let average = 0
  let isSlow = false
  let counts = false
  let written = (_seq: number, _took: number) => {}
  let failed = (_error: Error) => {}

  async function start(): Promise<void> {
    // under the same epoch: a new one would take the file back from whoever took it over meanwhile
    const started = await startThread({ ...options, epoch: here.epoch }, 'at the first write')
    started.onWritten(tell)
    started.onFailed(failed)
    thread = started
  }

  function tell(seq: number, took: number): void {
    if (counts) time(took)
    written(seq, took)
  }

  function time(took: number): void {
    const limit = slow()
    average += (Math.min(took, MOST * limit) - average) / 64
    isSlow = average > (isSlow ? limit / 2 : limit)
    if (isSlow) starting ??= start().catch(failed)
  }

  const place = () => (isSlow && thread ? thread : here)

  here.onWritten(tell)
  return {
    // one at a time: where the next one goes is free to choose
    write(write) {
      counts = write.rows === undefined
      place().write(write)
    },
    copy: (how) => place().copy(how),
    onWritten: (listener) => (written = listener),
    onFailed(listener) {
      failed = listener
      here.onFailed(listener)
    },
    async close() {
      await starting
      await thread?.close()
      await here.close()
    },
  }
}

async function startThread(options: WriterOptions, opens: ThreadData['opens']): Promise<Place> {
  const { path, schema, statements, synchronous, epoch } = options
  const entry = new URL(`./writer${extname(import.meta.url)}`, import.meta.url)
  const worker = new Worker(entry, { workerData: { path, schema, statements, synchronous, epoch, opens } })
  await started(worker)
  let failed = (_error: Error) => {}
  let closing = false
  const ended = new Promise<void>((resolve) => worker.once('exit', () => resolve()))
  worker.on('error', (error) => failed(error))
  worker.on('exit', (code) => closing || failed(new TerminalError(`the database writer ended with code ${code}`)))
  return {
    write: (write) => worker.postMessage(frame(write)),
    copy: (how) => worker.postMessage({ copy: how }),
    onWritten: (listener) =>
      worker.on('message', (told: Told) => 'written' in told && listener(told.written, told.took)),
    onFailed(listener) {
      failed = listener
      worker.on(
        'message',
        (told: Told) => 'failed' in told && listener(new TerminalError(told.failed, { code: told.code })),
      )
    },
    async close() {
      closing = true
      worker.postMessage(null)
      await ended
    },
  }
}

function started(worker: Worker): Promise<void> {
  return new Promise((resolve, reject) => {
    worker.once('message', () => resolve())
    worker.once('error', reject)
  })
}
