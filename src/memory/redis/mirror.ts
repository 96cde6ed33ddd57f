import { randomBytes } from 'node:crypto'
import type { OwnerCalls } from '../duties/calls.ts'
import type { MirrorState } from '../memory.ts'
import type { MemoryStore } from '../store/open-store.ts'
import type { MemoryCall } from '../store/threads/work.ts'
import type { MirroredOwner } from '../store/upkeep/mirror.ts'
import type { MirrorServer } from './server.ts'

/**
 * Copies of recent records on Redis, for other programs. Memory never reads them. They follow each commit, and no
 * write waits for them but the end of an erasure.
 */
export interface Mirror {
  /** A store whose writes are followed. An erasure ends only when its records are not in the mirror. */
  follow(store: MemoryStore): MemoryStore
  /** Brings the mirrors of all owners up to date. */
  begin(): void
  /** Waits a moment for the first connection. */
  state(): Promise<MirrorState>
  /** The state as it is known now. */
  known(): MirrorState
  close(): Promise<void>
}

type MirrorServices = {
  readonly clock: { now(): number; after(delay: number, callback: () => void): () => void }
  readonly calls: OwnerCalls
  owners(): Promise<readonly MirroredOwner[]>
  open(events: { ready(): void; failed(error: Error): void }): Promise<MirrorServer>
  /** counts what was written, and failures */
  note(what: 'written' | 'failed', count: number): void
}

/**
 * ms until the next attempt after a failure, until marks are checked again, and for another process to note its write;
 * the longest waits for the first state, and at the end.
 */
const PAUSES = { retry: 1_000, check: 30_000, foreign: 250, first: 500, close: 1_000 }

/** Pauses for another process before copies are made anew. */
const MAX_FOREIGN = 3

/** The writes that change what a mirror has to hold. */
const FOLLOWED: ReadonlySet<MemoryCall['name']> = new Set([
  'add',
  'pin',
  'undo',
  'acceptProposal',
  'forget',
  'finishImport',
  'moveRows',
  'expirePortion',
])

/** A mirror, which opens its server when it is first used. */
export function createMirror({ clock, calls, owners, open, note }: MirrorServices): Mirror {
  const waiting = new Set<string>()
  const timers = new Map<string, () => void>()
  const health = createHealth(clock)
  const { fail } = health
  const inTurn = createTurns()
  const firstRun = Promise.withResolvers<void>()
  let opening: Promise<MirrorServer> | undefined
  let running: Promise<void> | undefined
  let isClosed = false

  const server = () => {
    opening ??= open({ ready: begin, failed: fail })
    opening.catch((error) => {
      fail(error)
      opening = undefined
    })
    return opening
  }
  function later(name: keyof typeof PAUSES, work: () => void): void {
    if (isClosed || timers.has(name)) return
    const off = clock.after(PAUSES[name], () => {
      timers.delete(name)
      work()
    })
    timers.set(name, off)
  }

  const bringUp = createCopier({ clock, calls, note, server, fail, isClosed: () => isClosed })
  const sync = (owner: string) => inTurn(owner, () => bringUp(owner))

  async function run(): Promise<void> {
    try {
      for (const owner of waiting) {
        if (isClosed) return
        waiting.delete(owner)
        await sync(owner).catch((error) => {
          waiting.add(owner)
          throw error
        })
      }
      health.recover()
    } catch (error) {
      if (isClosed) return
      fail(error)
      note('failed', 1)
      later('retry', start)
    }
  }
  function start(): void {
    if (isClosed) return
    running ??= run().finally(() => {
      running = undefined
      firstRun.resolve()
      if (waiting.size > 0) later('retry', start)
      later('check', begin)
    })
  }
  function touch(owner: string): void {
    // a set keeps its order: this owner comes last, even during its turn
    waiting.delete(owner)
    waiting.add(owner)
    start()
  }
  async function lookAtAll(): Promise<void> {
    const all = await owners()
    const redis = await server()
    for (const { name, mark } of all) if (mark === null || mark !== (await redis.mark(name))) waiting.add(name)
  }
  function begin(): void {
    if (isClosed) return
    lookAtAll().then(start, (error) => {
      if (isClosed) return
      fail(error)
      later('retry', begin)
    })
  }

  return {
    begin,
    known: health.known,
    async state() {
      await server().catch(() => {})
      await within(clock, PAUSES.first, firstRun.promise)
      return health.known()
    },
    follow: (store) => ({
      ...store,
      async write(call) {
        const { name, owner } = call
        if (owner === undefined) return store.write(call)
        // if Redis is away, the erasure stays pending, and its duty tries again
        if (name === 'settleErasures') await sync(owner).catch(fail)
        if (name === 'forgetOwner')
          return inTurn(owner, async () => {
            waiting.delete(owner)
            await (await server()).drop(owner)
            return store.write(call)
          })
        const result = await store.write(call)
        if (FOLLOWED.has(name)) touch(owner)
        return result
      },
    }),
    async close() {
      await within(clock, PAUSES.close, running)
      isClosed = true
      for (const cancel of timers.values()) cancel()
      await opening?.then((redis) => redis.close()).catch(() => {})
    },
  }
}

type CopierParts = Pick<MirrorServices, 'clock' | 'calls' | 'note'> & {
  server(): Promise<MirrorServer>
  fail(error: unknown): void
  isClosed(): boolean
}

/** Copies the records of one owner to Redis until the mirror holds the last commit. */
function createCopier({ clock, calls, note, server, fail, isClosed }: CopierParts) {
  return async function bringUp(owner: string): Promise<void> {
    const redis = await server()
    for (let foreign = 0; !isClosed(); ) {
      // reading the mark before the rows keeps a late write from replacing newer copies
      const expected = await redis.mark(owner)
      const page = await calls.read(owner, 'mirrorPage', {})
      if (!page) return
      const mark = randomBytes(12).toString('base64url')
      if (page.mark === '' || page.mark !== expected) {
        // another process may be about to note its write; else copies were lost or are those of an earlier time
        if (page.mark !== '' && expected !== '' && foreign++ < MAX_FOREIGN) {
          await new Promise<void>((resolve) => void clock.after(PAUSES.foreign, resolve))
          continue
        }
        if (page.mark !== '') fail(new Error('its copies are not those of the last write, so they are made anew'))
        await calls.write(owner, 'resetMirror', mark)
        await redis.reset(owner, expected, mark)
      } else {
        if (page.last === undefined) return
        const removed = await redis.write(owner, { expected, mark }, page.entries)
        if (!removed) continue
        if (page.erases.length > 0) await redis.cleanDisk()
        const counts = page.erases.map(([erasure, id]) => [erasure, removed.includes(id) ? 1 : 0] as const)
        await calls.write(owner, 'noteMirrored', { expected, mark, last: page.last, removed: counts })
        note('written', page.entries.length)
      }
    }
  }
}

/** The state of a mirror. It stays degraded from the first failure until all owners were brought up to date. */
function createHealth(clock: MirrorServices['clock']) {
  let state: MirrorState = { state: 'ready', since: clock.now() }
  return {
    known: () => state,
    fail(error: unknown): void {
      const text = (error instanceof Error ? error.message : String(error)).slice(0, 200)
      const since = state.state === 'degraded' ? state.since : clock.now()
      state = { state: 'degraded', since, error: text }
    },
    recover(): void {
      if (state.state === 'degraded') state = { state: 'ready', since: clock.now() }
    },
  }
}

/** Runs the work of each owner after the owner's work before it. */
function createTurns() {
  const chains = new Map<string, Promise<unknown>>()
  return function inTurn<Result>(owner: string, work: () => Promise<Result>): Promise<Result> {
    const turn = (chains.get(owner) ?? Promise.resolve()).then(work, work)
    const end = turn.catch(() => {}).finally(() => chains.get(owner) === end && chains.delete(owner))
    chains.set(owner, end)
    return turn
  }
}

async function within(clock: MirrorServices['clock'], delay: number, work: Promise<void> | undefined): Promise<void> {
  const { promise: late, resolve } = Promise.withResolvers<void>()
  const off = clock.after(delay, resolve)
  await Promise.race([work, late])
  off()
}
