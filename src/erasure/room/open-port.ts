import { randomBytes } from 'node:crypto'
import type { ListedActor } from '../../engine/engine.ts'
import { NotFoundError, TerminalError } from '../../errors.ts'
import type { House } from '../../house/house.ts'
import { callerOf } from '../../house/request-caller.ts'
import { localOnly, scopeMissing } from '../../house/scope.ts'
import type { Viewer } from '../../house/viewer.ts'
import { present } from '../../lib/json/present.ts'
import { LOCAL_OWNER } from '../../lib/owner.ts'
import { pause } from '../../lib/time/pause.ts'
import { beganBefore, nextMoment } from '../../lib/time/request-order.ts'
import { ERASURE, ERASURES, type ErasureState } from '../actor.ts'
import { carryOut, countOwned, type Erasing } from './carry-out.ts'
import type { OwnerErasure } from './documents.ts'

/** Erasures as a caller of the server may use them. */
export interface ErasuresView {
  /**
   * Removes everything of an owner, or counts it (`dryRun`). Resolves when the erasure is done, or cannot go on now:
   * then it is `pending`, and continues by itself. Error `erasure_not_shared` on a cluster.
   */
  forget(owner: string, options?: { readonly dryRun?: boolean }): Promise<OwnerErasure>
  /** The report of an erasure. NotFoundError when there is none. */
  get(erasure: string): Promise<OwnerErasure>
}

/** The erasures of a runtime. */
export interface ErasuresPort extends ErasuresView {
  /** Error `being_forgotten` while an erasure of the owner goes on. */
  check(owner: string): Promise<void>
  /** Continues what an earlier process left. */
  resume(): Promise<void>
  close(): Promise<void>
}

/** Places that an erasure does not reach. Each report names them. */
const REMAINS = [
  'answers that were given out, and files that tools wrote',
  'backups that were made before',
  'for a day, the ids of work that had been removed before, so that a repeated request begins nothing',
  'logs outside of the data folder',
  'the audit, which names the owner until its days are over',
  'the name among the tags of the cache, and replies in a shared Redis cache until they expire',
  'what actors of your own program hold, if nothing says to whom they belong',
]

/** An erasure that goes on in this process. `work` resolves when it has ended, or cannot go on now. */
type Going = Erasing & { waits?: string; readonly work: Promise<void> }

/** Owners of whom this process remembers that they were forgotten. */
const MAX_ENDED = 10_000

/** ms between two attempts to go on, at first and at most. */
const PAUSE_MS = { first: 100, most: 600_000 } as const

/** Erasures are for one data folder, and a cluster has several. */
export type ErasureNeeds = { readonly config: { readonly restate?: object } }

export function openErasures(house: House & ErasureNeeds): ErasuresPort {
  const { engine, clock, config } = house
  const going = new Map<string, Going>()
  /** by the owner whose work is refused */
  const refused = new Map<string, Going>()
  /** when the erasures of owners ended */
  const ended = new Map<string, number>()
  const ending = new AbortController()
  let known: Promise<void> | undefined

  const tell = (id: string, body: object) =>
    engine.ask({ kind: ERASURE, key: id }, body as never, { correlationId: ERASURES })
  const read = async (id: string) => (await engine.view.peek({ kind: ERASURE, key: id })) as ErasureState | null

  /** From here on new work of the owner is refused, until all of it is removed. `begun`: the erasure is recorded. */
  function start(erasing: Erasing, begun?: Promise<unknown>): Going {
    const { promise: work, resolve, reject } = Promise.withResolvers<void>()
    const { id, owner } = erasing
    const one: Going = { ...erasing, work }
    const admitAgain = () => {
      if (owner === undefined || !refused.delete(owner)) return
      if (ended.size >= MAX_ENDED) ended.delete(ended.keys().next().value!)
      ended.set(owner, nextMoment())
    }
    const fail = (error: unknown) => {
      going.delete(id)
      admitAgain()
      reject(error)
    }
    going.set(id, one)
    if (owner !== undefined) refused.set(owner, one)
    Promise.resolve(begun).then(() => void goOn(one, admitAgain, resolve), fail)
    return one
  }

  async function goOn(one: Going, admitAgain: () => void, rest: () => void): Promise<void> {
    const record = (body: object) => tell(one.id, body)
    for (let wait: number = PAUSE_MS.first; !ending.signal.aborted; wait = Math.min(2 * wait, PAUSE_MS.most)) {
      try {
        const waits = await carryOut(house, one, record, ending.signal)
        if (one.isCompacted) admitAgain()
        if (waits === undefined) {
          going.delete(one.id)
          break
        }
        one.waits = waits
      } catch (error) {
        one.waits = (error as Error).message
      }
      // the caller learns what it waits for; the erasure goes on
      if (wait > PAUSE_MS.first || one.isCompacted) rest()
      await pause(clock, wait, ending.signal)
    }
    rest()
  }

  async function load(): Promise<void> {
    for (const { key } of await pendingIn(house)) {
      const state = await read(key)
      if (state?.key === undefined || going.has(key)) continue
      start({ id: key, key: state.key, ...(state.owner !== undefined && { owner: state.owner }) })
    }
  }
  // once: this process alone begins erasures
  const loaded = () => (known ??= config.restate ? Promise.resolve() : load())

  async function get(id: string): Promise<OwnerErasure> {
    if (config.restate) throw notShared()
    const state = await read(id)
    if (!state) throw new NotFoundError(`There is no erasure ${id}.`)
    const { at, endedAt, removed } = state
    const waits = going.get(id)?.waits
    return {
      id,
      status: endedAt === undefined ? 'pending' : 'done',
      at,
      ...(endedAt !== undefined && { endedAt }),
      removed,
      ...(waits !== undefined && { waits }),
      remains: REMAINS,
    }
  }

  return {
    get,
    async forget(owner, { dryRun = false } = {}) {
      if (config.restate) throw notShared()
      if (dryRun) return { status: 'dry-run', removed: await countOwned(house, owner), remains: REMAINS }
      await loaded()
      const [id, key] = [`o_${randomBytes(12).toString('base64url')}`, randomBytes(32).toString('base64url')]
      const one =
        refused.get(owner) ??
        start({ id, owner, key }, tell(id, { type: 'begin', owner, key, ...present({ by: callerOf() }) }))
      await one.work
      return get(one.id)
    },
    async check(owner) {
      await loaded()
      // a request that came with a key of before may still be at work, or its body may come only now
      if (refused.has(owner) || beganBefore(owner, ended.get(owner) ?? 0)) throw beingForgotten()
    },
    resume: loaded,
    async close() {
      ending.abort()
      await Promise.all([...going.values()].map(({ work }) => work.catch(() => {})))
    },
  }
}

const pendingIn = ({ engine }: House): Promise<readonly ListedActor[]> =>
  engine.view.list(ERASURE, { where: { status: 'pending' } })

/** Erasures for admins. Only the user of the data folder forgets its own data. */
export function viewErasures(port: ErasuresPort, { caller, isAdmin }: Viewer): ErasuresView {
  const check = () => {
    if (!isAdmin) throw scopeMissing('admin')
  }
  return {
    async forget(owner, options) {
      check()
      if (owner === LOCAL_OWNER && !caller.local) throw localOnly()
      return port.forget(owner, options)
    },
    async get(erasure) {
      check()
      return port.get(erasure)
    },
  }
}

const beingForgotten = () =>
  new TerminalError('The owner is being forgotten, so no work of it begins.', {
    code: 'being_forgotten',
    hint: 'Wait until the report says done: antiphon forget-owner NAME shows it.',
  })

const notShared = () =>
  new TerminalError('On a cluster, an owner cannot be forgotten: each node has files of its own.', {
    code: 'erasure_not_shared',
    hint: 'Move the data to one machine (antiphon migrate), forget the owner there, and move it back.',
  })
