import { extname } from 'node:path'
import type { Worker } from 'node:worker_threads'
import { TerminalError } from '../../errors.ts'
import { startCachedThread } from '../../lib/threads/cached-thread.ts'
import { openStopFlags } from '../unbroken-call.ts'
import type { Database, Write } from './database.ts'
import { createWalCheckpointer } from './wal-checkpointer.ts'
import type { WalCheckpointMode, WriterOptions, WriterReport, WriterThreadData } from './writer.ts'
import { encodeWrite, openWriter } from './writer.ts'

/** Accepts writes. Each listener is set once, before the first write. */
export type WriteChannel = Pick<Database, 'write' | 'onFailed' | 'close'> & {
  /** Called for each durable write with its number and the ms that it took. */
  onWritten(listener: (seq: number, took: number) => void): void
}

/** A write channel that can also checkpoint the write-ahead log between two writes. */
export type CheckpointableWriter = WriteChannel & { copy(how: WalCheckpointMode): void }

/** Adds checkpoints that keep the write-ahead log short. */
export function withWalCheckpoints(place: CheckpointableWriter, path: string): WriteChannel {
  const ahead = createWalCheckpointer(path, place.copy)
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

/** Writes in this thread, which blocks until the disk has the data. */
export function openMainThreadWriter(options: WriterOptions): CheckpointableWriter & { readonly epoch: number } {
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

/** Writes in a thread of its own, so that this thread never blocks on the disk. */
export function openThreadWriter(options: WriterOptions): Promise<CheckpointableWriter> {
  return startThread(options, 'at once')
}

/** Average flush time above which a disk counts as slow. Checkpoints do not count. */
const SLOW_FLUSH_MS = 0.8
/** A single write counts at most like this many slow ones: one stall does not make a disk slow. */
const MAX_OUTLIER_FACTOR = 4

/** Writes in this thread while the disk is fast, and in a thread of its own while it is slow. */
export function openAdaptiveWriter(options: WriterOptions, slow = () => SLOW_FLUSH_MS): CheckpointableWriter {
  const here = openMainThreadWriter(options)
  let thread: CheckpointableWriter | undefined
  let starting: Promise<void> | undefined
  let average = 0
  let isSlow = false
  let counts = false
  let written = (_seq: number, _took: number) => {}
  let failed = (_error: Error) => {}

  async function start(): Promise<void> {
    // keep the epoch: a new one would take the file back from a newer owner
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
    average += (Math.min(took, MAX_OUTLIER_FACTOR * limit) - average) / 64
    isSlow = average > (isSlow ? limit / 2 : limit)
    if (isSlow) starting ??= start().catch(failed)
  }

  const place = () => (isSlow && thread ? thread : here)

  here.onWritten(tell)
  return {
    // one write at a time, so that the next one can use either thread
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

async function startThread(options: WriterOptions, opens: WriterThreadData['opens']): Promise<CheckpointableWriter> {
  const { path, schema, statements, synchronous, epoch } = options
  const entry = new URL(`./writer${extname(import.meta.url)}`, import.meta.url)
  const { stopFlags, close } = openStopFlags()
  const worker = startCachedThread(entry, {
    workerData: { path, schema, statements, synchronous, epoch, opens, stopFlags },
  })
  worker.once('exit', close)
  await started(worker)
  let failed = (_error: Error) => {}
  let closing = false
  const ended = new Promise<void>((resolve) => worker.once('exit', () => resolve()))
  worker.on('error', (error) => failed(error))
  worker.on('exit', (code) => closing || failed(new TerminalError(`The database writer ended with code ${code}.`)))
  return {
    write: (write) => worker.postMessage(encodeWrite(write)),
    copy: (how) => worker.postMessage({ copy: how }),
    onWritten: (listener) =>
      worker.on('message', (report: WriterReport) => 'written' in report && listener(report.written, report.took)),
    onFailed(listener) {
      failed = listener
      worker.on(
        'message',
        (report: WriterReport) =>
          'failed' in report && listener(new TerminalError(report.failed, { code: report.code })),
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
