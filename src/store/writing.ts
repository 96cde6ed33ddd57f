import { extname } from 'node:path'
import { Worker } from 'node:worker_threads'
import { TerminalError } from '../errors.ts'
import type { Database, Write } from './database.ts'
import { frame } from './frame.ts'
import { openWriter, type ThreadData, type Told, type WriterOptions } from './writer.ts'

/** Where writes go; each listener is given once, before the first write. */
export type Writing = Pick<Database, 'write' | 'onWritten' | 'onFailed' | 'close'>

/** Writes in this thread: it waits for the disk. */
export function writeHere(options: WriterOptions): Writing & { readonly epoch: number } {
  const writer = openWriter(options)
  let written = (_seq: number) => {}
  let failed = (_error: Error) => {}
  return {
    epoch: writer.epoch,
    write(write) {
      try {
        writer.write(write)
      } catch (error) {
        failed(error as Error)
        return
      }
      written(write.seq)
    },
    onWritten: (listener) => (written = listener),
    onFailed: (listener) => (failed = listener),
    close: async () => writer.close(),
  }
}

/** Writes in a thread of its own: this one goes on meanwhile, and hears of it a little later. */
export function writeInThread(options: WriterOptions): Promise<Writing> {
  return startThread(options, 'at once')
}

/** Flushes that take longer than this (ms, on average) are slow: others should not have to wait for them. What a checkpoint adds is not counted. */
const SLOW = 0.8
/** No single write counts for more than so many slow ones: a disk that stalls once is not slow. */
const MOST = 4

/** Writes here as long as that is quick, and from then on in a thread of its own. */
export function writeWhereItIsQuick(options: WriterOptions, slow = SLOW): Writing {
  const here = writeHere(options)
  let writing: Writing = here
  let thread: Writing | undefined
  let leaving: Promise<void> | undefined
  let average = 0
  let written = (_seq: number) => {}
  let failed = (_error: Error) => {}

  async function leave(): Promise<void> {
    // under the same epoch: a new one would take the file back from whoever took it over meanwhile
    const started = await startThread({ ...options, epoch: here.epoch }, 'at the first write')
    started.onWritten(written)
    started.onFailed(failed)
    thread = started
  }

  // between two writes: the file has one writer at a time
  function move(to: Writing): void {
    thread = undefined
    writing = to
    void here.close()
  }

  function time(write: Write): void {
    const from = performance.now()
    writing.write(write)
    if (!write.rows) average += (Math.min(performance.now() - from, MOST * slow) - average) / 64
    if (average > slow) leaving ??= leave().catch(failed)
  }

  return {
    write(write) {
      if (thread) move(thread)
      if (writing === here) time(write)
      else writing.write(write)
    },
    onWritten(listener) {
      written = listener
      here.onWritten(listener)
    },
    onFailed(listener) {
      failed = listener
      here.onFailed(listener)
    },
    async close() {
      await leaving
      await thread?.close()
      await writing.close()
    },
  }
}

async function startThread(options: WriterOptions, opens: ThreadData['opens']): Promise<Writing> {
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
    onWritten: (listener) => worker.on('message', (told: Told) => typeof told === 'number' && listener(told)),
    onFailed(listener) {
      failed = listener
      worker.on(
        'message',
        (told: Told) => typeof told === 'object' && listener(new TerminalError(told.failed, { code: told.code })),
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
