import { existsSync } from 'node:fs'
import { extname } from 'node:path'
import { CancelledError, errorOf, TerminalError } from '../../errors.ts'
import { startCachedThread } from '../../lib/threads/cached-thread.ts'
import type { MemoryCall, MemoryReply } from './thread-entry.ts'

/** The place of all memories: a file, or a libSQL server. */
type MemoryPlace = string | { readonly url: string; token(): Promise<string | undefined> }

/** All memories: one thread writes, and one reads. */
export interface MemoryStore {
  /** Calls the writer, which creates the tables. */
  write(call: MemoryCall): Promise<unknown>
  /** Whether there is a file; a server may have records at any time. */
  exists(): boolean
  /** Calls the reader. Undefined while there is no file. */
  read(call: MemoryCall): Promise<unknown>
  /** Reads for duties: by the writer while there is no reader, so that a command starts one thread. */
  look(call: MemoryCall): Promise<unknown>
  close(): Promise<void>
}

type Thread = { call(given: MemoryCall): Promise<unknown>; isBusy(): boolean; close(): Promise<void> }

/** Opens nothing until it is used, and creates a file with the first write. */
export function openMemoryStore(place: MemoryPlace): MemoryStore {
  let writer: Promise<Thread> | undefined
  let reader: Promise<Thread> | undefined
  let isClosed = false
  const check = () => {
    if (isClosed) throw new CancelledError('the data folder was released', { code: 'stopped' })
  }
  // the writer first: it creates the tables
  const openWriter = () =>
    (writer ??= startThread(place, 'write').catch((error) => {
      writer = undefined
      throw error
    }))
  const openReader = () =>
    (reader ??= openWriter()
      .then(() => startThread(place, 'read'))
      .catch((error) => {
        reader = undefined
        throw error
      }))
  // a second thread is worth its start when a read would wait, and for searches, which keep what they load
  async function threadFor({ name }: MemoryCall): Promise<Thread> {
    if (reader || name === 'search') return openReader()
    const only = await openWriter()
    return only.isBusy() ? openReader() : only
  }
  const exists = () => typeof place !== 'string' || existsSync(place)
  return {
    exists,
    async write(call) {
      check()
      return (await openWriter()).call(call)
    },
    async read(call) {
      check()
      return exists() ? (await threadFor(call)).call(call) : undefined
    },
    async look(call) {
      check()
      return exists() ? (await (reader ?? openWriter())).call(call) : undefined
    },
    async close() {
      isClosed = true
      for (const thread of [await settled(reader), await settled(writer)]) await thread?.close()
    },
  }
}

const settled = (thread: Promise<Thread> | undefined) => thread?.catch(() => undefined)

type Waiting = { readonly resolve: (result: unknown) => void; readonly reject: (error: unknown) => void }

async function startThread(place: MemoryPlace, role: 'write' | 'read'): Promise<Thread> {
  const address = typeof place === 'string' ? place : { url: place.url, token: await place.token() }
  const entry = new URL(`./thread-entry${extname(import.meta.url)}`, import.meta.url)
  const worker = startCachedThread(entry, { workerData: { place: address, role } })
  const waiting = new Map<number, Waiting>()
  let last = 0
  let failure: unknown
  const ended = new Promise<void>((resolve) => worker.once('exit', () => resolve()))
  const fail = (error: unknown) => {
    failure ??= error
    for (const { reject } of waiting.values()) reject(failure)
    waiting.clear()
  }
  worker.on('message', ({ call, problem, result }: MemoryReply) => {
    const caller = waiting.get(call)
    waiting.delete(call)
    if (waiting.size === 0) worker.unref()
    if (problem) caller?.reject(errorOf(problem))
    else caller?.resolve(result)
  })
  worker.on('error', fail)
  worker.on('exit', () => fail(new TerminalError('The thread of memory has ended.', { code: 'storage' })))
  const expect = (call: number) =>
    new Promise<unknown>((resolve, reject) => {
      if (failure !== undefined) return reject(failure)
      waiting.set(call, { resolve, reject })
      worker.ref()
    })
  await expect(0)
  return {
    call(given) {
      const call = ++last
      const answer = expect(call)
      worker.postMessage({ call, given })
      return answer
    },
    isBusy: () => waiting.size > 0,
    async close() {
      worker.ref()
      worker.postMessage(null)
      await ended
    },
  }
}
