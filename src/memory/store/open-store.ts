import { existsSync, statSync } from 'node:fs'
import { extname } from 'node:path'
import { CancelledError, errorOf, problemOf, TerminalError } from '../../errors.ts'
import { startCachedThread } from '../../lib/threads/cached-thread.ts'
import type { MemoryReply } from './threads/thread-entry.ts'
import type { MemoryCall, StoreWork } from './threads/work.ts'

/** The place of all memories: a file, or a libSQL server. */
type MemoryPlace = string | { readonly url: string; token(): Promise<string | undefined> }

/** All memories. A small file is used in this thread. Otherwise one thread writes, and one reads. */
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

/** Bytes of a small file with its log. A call on it takes less time than a thread takes to start. */
const MAX_SMALL_FILE = 2_000_000
/** Records that one call may add to a small file. */
const MAX_SMALL_ADD = 100
/** ms of a slow call, and how many there are before threads take over: one stall says nothing about the disk. */
const SLOW_CALL_MS = 10
const MAX_SLOW_CALLS = 2

/** Opens nothing until it is used, and creates a file with the first write. `clock`: ms that a call takes. */
export function openMemoryStore(place: MemoryPlace, clock = () => performance.now()): MemoryStore {
  const threads = openThreads(place)
  let here: Promise<StoreWork> | undefined
  let mayBeHere = typeof place === 'string'
  let slow = 0
  let isClosed = false
  const exists = () => typeof place !== 'string' || existsSync(place)
  const isHere = (call: MemoryCall) => mayBeHere && isSmallCall(call) && sizeOf(place as string) <= MAX_SMALL_FILE

  async function callHere(call: MemoryCall): Promise<unknown> {
    here ??= openHere(place as string).catch((error) => {
      here = undefined
      throw error
    })
    const work = await here
    const begun = clock()
    try {
      return await work.call(call)
    } catch (error) {
      // as it comes from a thread
      throw errorOf(problemOf(error))
    } finally {
      if (clock() - begun > SLOW_CALL_MS && ++slow >= MAX_SLOW_CALLS) mayBeHere = false
    }
  }

  let left: Promise<void> | undefined
  /** Threads get a file that nobody else has open, so that they can empty its log. */
  async function leave(): Promise<void> {
    mayBeHere = false
    await (await settled(here))?.close()
  }

  async function use(call: MemoryCall, inThreads: (call: MemoryCall) => Promise<unknown>): Promise<unknown> {
    if (isClosed) throw new CancelledError('The data folder was released.', { code: 'stopped' })
    if (isHere(call)) return callHere(call)
    await (left ??= leave())
    return inThreads(call)
  }

  return {
    exists,
    write: (call) => use(call, threads.write),
    read: async (call) => (exists() ? use(call, threads.read) : undefined),
    look: async (call) => (exists() ? use(call, threads.look) : undefined),
    async close() {
      isClosed = true
      await (left ?? leave())
      await threads.close()
    },
  }
}

function isSmallCall(call: MemoryCall): boolean {
  if (call.name === 'add') return call.input[0].length <= MAX_SMALL_ADD
  return call.name !== 'documents' && call.name !== 'beginImport'
}

function sizeOf(path: string): number {
  const bytes = (file: string) => statSync(file, { throwIfNoEntry: false })?.size ?? 0
  return bytes(path) + bytes(`${path}-wal`)
}

async function openHere(path: string): Promise<StoreWork> {
  const { openWork } = await import('./threads/work.ts')
  return openWork(path, 'write')
}

type Thread = { call(given: MemoryCall): Promise<unknown>; isBusy(): boolean; close(): Promise<void> }

function openThreads(place: MemoryPlace): Omit<MemoryStore, 'exists'> {
  let writer: Promise<Thread> | undefined
  let reader: Promise<Thread> | undefined
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
  return {
    write: async (call) => (await openWriter()).call(call),
    read: async (call) => (await threadFor(call)).call(call),
    look: async (call) => (await (reader ?? openWriter())).call(call),
    async close() {
      for (const thread of [await settled(reader), await settled(writer)]) await thread?.close()
    },
  }
}

const settled = <Opened>(opening: Promise<Opened> | undefined) => opening?.catch(() => undefined)

type Waiting = { readonly resolve: (result: unknown) => void; readonly reject: (error: unknown) => void }

async function startThread(place: MemoryPlace, role: 'write' | 'read'): Promise<Thread> {
  const address = typeof place === 'string' ? place : { url: place.url, token: await place.token() }
  const entry = new URL(`./threads/thread-entry${extname(import.meta.url)}`, import.meta.url)
  const worker = startCachedThread(entry, { workerData: { place: address, role } })
  const waiting = new Map<number, Waiting>()
  let last = 0
  let isClosing = false
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
    // a process without other work would end before a thread that is being closed
    if (waiting.size === 0 && !isClosing) worker.unref()
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
      isClosing = true
      worker.ref()
      worker.postMessage(null)
      await ended
    },
  }
}
