import { InvalidError, NotFoundError } from '../../errors.ts'
import { missingCapabilities, type Needs } from '../capabilities.ts'
import { inlineWorker, type Worker } from '../worker.ts'
import { createSlot, type Slot } from './slot.ts'

export interface WorkerSet {
  readonly posts: readonly Slot[]
  /** The slots that meet these requirements. */
  able(needs: Needs): readonly Slot[]
  /** The number of concurrent tasks. */
  slots(): number
  add(worker: Worker): void
  /** Stops giving it tasks; resolves when it is idle and retired. Rejects like its `retire`. */
  remove(id: string): Promise<void>
  /** Sets the number of workers if the pool can create them; else the slots of the named or only worker. */
  resize(size: number, id?: string): void
  /** A worker has become idle. */
  idle(post: Slot): void
  /** Ends all workers, whatever they do. Resolves when they have ended; rejects then if one could not be ended. */
  end(): Promise<void>
}

type WorkerSetOptions = {
  readonly pool: string
  readonly workers: number | readonly Worker[]
  readonly make?: (id: string) => Worker
  /** called if `retire` rejects and no caller awaits it */
  notEnded(worker: string, error: unknown): void
  /** called if the set of able workers changes */
  changed(): void
  /** a slot may have become free */
  freed(): void
}

/** Creates the workers of a pool. A number creates one inline worker with that many slots. */
export function createWorkerSet({ pool, workers, make, notEnded, changed, freed }: WorkerSetOptions): WorkerSet {
  const posts: Slot[] = []
  const watches = new Map<Slot, readonly (() => void)[]>()
  let made = 0
  const staying = () => posts.filter(({ leaving }) => !leaving)

  function hire(worker: Worker): void {
    checkSize(`slots of worker ${worker.id}`, worker.slots, 1)
    if (posts.some((post) => post.worker.id === worker.id)) throw twice(pool, worker.id)
    const post = createSlot(worker)
    posts.push(post)
    watches.set(post, worker.resources?.map((resource) => resource.watch(freed)) ?? [])
  }

  // ids are never reused, so that counters do not mix
  const makeOne = () => hire(make!(`${pool}-${++made}`))

  function leave(post: Slot): Promise<void> {
    post.leaving ??= Promise.withResolvers()
    if (post.running === 0) letGo(post)
    return post.leaving.promise
  }

  function letGo(post: Slot): void {
    if (!posts.includes(post)) return
    posts.splice(posts.indexOf(post), 1)
    for (const stop of watches.get(post)!) stop()
    watches.delete(post)
    post.leaving!.resolve(retire(post.worker))
  }

  function find(id: string | undefined): Slot {
    const found = id === undefined ? staying() : staying().filter(({ worker }) => worker.id === id)
    if (found.length === 1) return found[0]!
    throw id === undefined ? unclear(pool) : new NotFoundError(`Pool ${pool} has no worker ${id}.`)
  }

  function setNumber(size: number): void {
    const spare = idlestFirst(staying())
    for (const post of spare.slice(0, Math.max(0, spare.length - size)))
      leave(post).catch((error: unknown) => notEnded(post.worker.id, error))
    for (let missing = size - spare.length; missing > 0; missing--) makeOne()
  }

  if (typeof workers === 'number') {
    checkSize(`workers of pool ${pool}`, workers, 1)
    if (make) setNumber(workers)
    else hire(inlineWorker(`${pool}-inline`, workers))
  } else for (const worker of workers) hire(worker)

  return {
    posts,
    able: (needs) => staying().filter(({ worker }) => missingCapabilities(worker.offers, needs).length === 0),
    slots: () => staying().reduce((sum, { slots }) => sum + slots, 0),
    add(worker) {
      hire(worker)
      changed()
    },
    remove(id) {
      const gone = leave(find(id))
      changed()
      return gone
    },
    resize(size, id) {
      checkSize(`size of pool ${pool}`, size, 1)
      if (make && id === undefined) {
        setNumber(size)
        changed()
      } else {
        find(id).slots = size
        freed()
      }
    },
    idle(post) {
      if (post.leaving) letGo(post)
    },
    async end() {
      const leaving = posts.map((post) => (post.leaving ??= Promise.withResolvers()).promise)
      for (const post of [...posts]) letGo(post)
      changed()
      const ends = await Promise.allSettled(leaving)
      for (const end of ends) if (end.status === 'rejected') throw end.reason
    },
  }
}

/** Idle workers first, the newest of them first. */
const idlestFirst = (posts: readonly Slot[]) => posts.toReversed().toSorted((a, b) => a.running - b.running)

/** Rejects also when `close` throws synchronously. */
async function retire(worker: Worker): Promise<void> {
  await worker.retire?.()
}

const twice = (pool: string, id: string): InvalidError => new InvalidError(`Pool ${pool} already has a worker ${id}.`)

function unclear(pool: string): InvalidError {
  return new InvalidError(`Pool ${pool} has several workers.`, { hint: 'Name the worker to resize.' })
}

/** Throws when a number is not a valid size. */
export function checkSize(what: string, size: number, least: number): void {
  if (!Number.isSafeInteger(size) || size < least) throw new RangeError(`${what}: ${size} is not an integer ≥ ${least}`)
}
