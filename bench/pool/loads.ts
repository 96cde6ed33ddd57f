/** What is done in threads, by its name in deeds.ts, or in this thread; so many at once, for so many clients. */
export type PoolLoad = {
  readonly deed: 'nothing' | 'compute' | 'turn'
  readonly workers: number
  readonly clients: number
  /** each client gives so many tasks at a time */
  readonly burst?: number
}

/** The loads by name: threads as there are cores on a small machine, and as many waiting; promises, a few at once. */
export const LOADS: { readonly [name: string]: PoolLoad } = {
  'threads-busy': { deed: 'compute', workers: 2, clients: 8 },
  'threads-idle': { deed: 'nothing', workers: 2, clients: 8 },
  'thread-1': { deed: 'nothing', workers: 1, clients: 1 },
  async: { deed: 'turn', workers: 16, clients: 64 },
  'async-1': { deed: 'turn', workers: 16, clients: 1 },
  'async-burst': { deed: 'turn', workers: 16, clients: 1, burst: 10_000 },
}

/** Submits one task; resolves when it is done. */
type Submit = () => Promise<unknown>

/** Somebody who does tasks. */
export type Doer = { readonly submit: Submit; close(): Promise<unknown> }

/** The work of a task in this thread: it lets others have their turn once. */
export const takeTurn = () => Promise.resolve()
