import { setTimeout as sleep } from 'node:timers/promises'
import type { ListedActor } from '../../engine/engine.ts'
import { InvalidError } from '../../errors.ts'
import type { BackgroundWork } from '../../house/room.ts'
import { portionsOf } from '../../lib/collections/portions.ts'
import type { InboxItem } from '../../thread/room/documents/inbox.ts'
import { NOTICES } from '../actor.ts'
import { HORIZONS } from '../horizon.ts'
import type { EndEvent, NoticeEvent, NoticeItem } from '../item.ts'
import { END_EVENTS, isEndEvent, noticeId, noticeRef } from '../item.ts'
import { deliveryOf } from './deliver.ts'
import { endedFinder } from './ended.ts'
import type { NoticeHouse } from './needs.ts'
import { PROGRAM } from './receivers.ts'
import { inTurns } from './turns.ts'
import { eventOf, identityOf, noticeItemOf } from './waiting.ts'

/** ms between two looks. */
const PAUSE_MS = 1_000
/** Reading takes a twentieth of the time, while looks are shorter than this pause. */
const MAX_PAUSE_MS = 5_000
/** The pause after a read, by its time. On a cluster a read mostly waits for the server. */
const PAUSE_FACTOR = { libsql: 20, restate: 3 }
/** Notices that are made at a time, and in one look: others have begun to wait meanwhile. */
const ANNOUNCED = { atOnce: 32, inOneLook: 320 }
const MAX_ITEMS = 10_000
/** A horizon stays this far behind (ms), as the clocks of nodes differ, and lists lag. */
const OVERLAP_MS = 3_600_000
const DAY_MS = 24 * 3_600_000
/** ms for the first attempts at new notices when the process ends. */
const SETTLE_MS = 10_000

/**
 * Compares what waits or has ended with the notices that exist, again and again: an item without a notice gets one,
 * and a notice whose item is gone ends. Both sides are durable, so nothing is lost when a process is killed, and every
 * process and node comes to the same notices.
 */
export async function watchWaiting(house: NoticeHouse): Promise<BackgroundWork> {
  const { engine, clock, config } = house
  const factor = PAUSE_FACTOR[config.restate ? 'restate' : 'libsql']
  const delivery = deliveryOf(house)
  const receivers: readonly Wanting[] = [
    ...delivery.receivers.values(),
    ...(house.onEnd ? [{ id: PROGRAM, wants: new Set(END_EVENTS) }] : []),
  ]
  const ends = endsOf(house, receivers)
  const waitingItems = waitingFinder(house)
  let announced = new Set<string>()
  let missing: ReadonlySet<string> = new Set()
  let counts = { pending: 0, failed: 0 }
  let off = () => {}
  let isEnding = false
  let running: Promise<void> = Promise.resolve()

  // the answer says that the notice exists, so `settle` finds it
  const ask = (key: string, body: object) =>
    engine.ask({ kind: 'notice', key }, body as never, { correlationId: NOTICES })

  /** Resolves with the ms that reading took. */
  async function look(most: number = ANNOUNCED.inOneLook): Promise<number> {
    const began = clock.elapsed()
    const notices = await engine.view.list('notice')
    const settled = clock.now() - OVERLAP_MS
    const items = (await Promise.all([waitingItems(), ...ends.map((one) => one.items())])).flat()
    const forgetBefore = clock.now() - config.retention.deadLetterDays * DAY_MS
    const next = reconcile({ notices, items, receivers, announced, missing, forgetBefore })
    ;({ announced, missing } = next)
    const took = clock.elapsed() - began
    const fresh = inTurns(next.announce, ([, { item }]) => item.owner).slice(0, most)
    for (const some of portionsOf(fresh, ANNOUNCED.atOnce)) await Promise.all(some.map(announce))
    for (const key of next.over)
      await engine.tell({ kind: 'notice', key }, { type: 'over' }, { correlationId: NOTICES })

    // what has no notice yet would be forgotten
    if (fresh.length === next.announce.size) for (const one of ends) await one.advance(settled)
    const count = (status: string) => notices.filter(({ index }) => index.status === status).length
    counts = { pending: count('pending'), failed: count('failed') }
    return took
  }

  async function announce([key, about]: readonly [string, object]): Promise<void> {
    await ask(key, { type: 'announce', ...about })
    announced.add(key)
  }

  async function lookAgain(): Promise<void> {
    let took = 0
    try {
      took = await look()
    } catch (error) {
      // the next look tries again; an engine that has failed says so itself
      if (!isEnding) warn(error)
    }
    if (isEnding) return
    const pause = Math.min(Math.max(PAUSE_MS, factor * took), MAX_PAUSE_MS)
    off = clock.after(pause, () => void (running = lookAgain()))
  }

  /** Waits until each notice has had its first attempt. */
  async function settle(within: number): Promise<void> {
    const end = Date.now() + within
    while (Date.now() < end) {
      const fresh = await engine.view.list('notice', { where: { status: 'pending', attempts: 0 }, limit: 1 })
      if (fresh.length === 0) return
      await sleep(SETTLE_LOOK_MS)
    }
  }

  // what an earlier process left: messages that are due, and reminders
  await engine.start({ only: NOTICES })
  running = lookAgain()
  return {
    status: () => ({ notices: counts }),
    async end(grace) {
      isEnding = true
      off()
      await running
      try {
        if (grace !== 0) {
          await look(Number.POSITIVE_INFINITY)
          await settle(Math.min(grace ?? SETTLE_MS, SETTLE_MS))
        }
      } finally {
        for (const one of ends) one.end()
        await delivery.close()
      }
    },
  }
}

/** The ways of ending that have one horizon. */
const HORIZON_OF: { readonly [Horizon in keyof typeof HORIZONS]: readonly EndEvent[] } = {
  failed: ['failed'],
  ended: ['completed', 'cancelled'],
}

/** Finds the ends of work that a receiver wants, by their horizons. */
function endsOf(house: NoticeHouse, receivers: readonly Wanting[]) {
  const { engine, clock } = house
  const wanted = (events: readonly EndEvent[]) =>
    events.filter((event) => receivers.some(({ wants }) => wants.has(event)))
  if (!house.watch && wanted(HORIZON_OF.ended).length > 0)
    throw needsWatch(house.onEnd ? '`onEnd` is' : '`completed` and `cancelled` under `notify:` are')
  return (['failed', 'ended'] as const).flatMap((which) => {
    const events = wanted(HORIZON_OF[which])
    if (events.length === 0) return []
    const { find, end } = endedFinder(house, new Set(events))
    /** work that ended before it has its notices (ms since the epoch); 0: not read yet */
    let horizon = 0
    return {
      end,
      async items(): Promise<readonly NoticeItem[]> {
        horizon ||= (await engine.ask(HORIZONS[which], { type: 'begin', at: clock.now() })) as number
        return find(horizon)
      },
      async advance(settled: number): Promise<void> {
        if (settled > horizon + OVERLAP_MS)
          horizon = (await engine.ask(HORIZONS[which], { type: 'advance', at: settled })) as number
      },
    }
  })
}

const needsWatch = (name: string) =>
  new InvalidError(`${name} available on the engine libsql alone: elsewhere, other processes end work, too.`, {
    code: 'other_engine',
    hint: 'Leave it out, or follow the runs: GET /v1/runs/ID/events.',
  })

/** Finds the items that wait for people. Facts of an item are read once. */
function waitingFinder({ inbox, engine }: Pick<NoticeHouse, 'inbox' | 'engine'>): () => Promise<readonly NoticeItem[]> {
  let known = new Map<string, NoticeItem>()
  return async () => {
    const found = new Map<string, NoticeItem>()
    const items: readonly InboxItem[] = await inbox({ limit: MAX_ITEMS, content: 'none' })
    for (const item of items) {
      const event = eventOf(item)
      if (!event) continue
      const id = noticeId(identityOf(item))
      found.set(id, known.get(id) ?? (await noticeItemOf(engine.view, item, event)))
    }
    known = found
    return [...found.values()]
  }
}

const SETTLE_LOOK_MS = 20

let warned = ''
function warn(error: unknown): void {
  const { message } = error as Error
  if (message === warned) return
  warned = message
  process.emitWarning(`Notices are delayed: ${message}`, { code: 'ANTIPHON_NOTIFY' })
}

/** A receiver, and the events that it wants. */
type Wanting = { readonly id: string; readonly wants: ReadonlySet<NoticeEvent> }

/** The notices that exist, and the items that wait or have ended. Times in ms since the epoch. */
export type Looked = {
  /** listed before the items: a notice in this list is older than the list of items */
  readonly notices: readonly ListedActor[]
  readonly items: readonly NoticeItem[]
  readonly receivers: Iterable<Wanting>
  /** the notices that were announced before, and may not be listed yet */
  readonly announced: ReadonlySet<string>
  /** the notices whose items the last look did not find */
  readonly missing: ReadonlySet<string>
  /** messages about ends from before this time, which were given up, are forgotten */
  readonly forgetBefore: number
}

/** The changes that make notices agree with items, and what the next look has to know. */
type Reconciled = {
  readonly announce: ReadonlyMap<string, { readonly item: NoticeItem; readonly receiver: string }>
  readonly over: readonly string[]
  readonly announced: Set<string>
  readonly missing: ReadonlySet<string>
}

/** Decides which notices begin and which end. */
export function reconcile({ notices, items, receivers, announced, missing, forgetBefore }: Looked): Reconciled {
  const wanted = new Map<string, { readonly item: NoticeItem; readonly receiver: string }>()
  const all = [...receivers]
  for (const item of items)
    for (const { id, wants } of all)
      if (wants.has(item.event)) wanted.set(noticeRef(item.id, id).key, { item, receiver: id })
  const present = new Set(notices.map(({ key }) => key))
  const isGone = (one: ListedActor) => !wanted.has(one.key) && !outlivesItem(one, forgetBefore)
  // another process may have the callback: what it was told stands, and what it was not told waits for it
  const isElsewhere = ({ index: { receiver, since } }: ListedActor) =>
    receiver === PROGRAM && !all.some(({ id }) => id === PROGRAM) && Number(since) > forgetBefore
  const gone = notices.filter((one) => isGone(one) && !isElsewhere(one)).map(({ key }) => key)
  return {
    announce: new Map([...wanted].filter(([key]) => !present.has(key) && !announced.has(key))),
    // lists lag on a cluster, so an item counts as gone when two looks have not found it
    over: gone.filter((key) => missing.has(key)),
    announced: new Set([...announced].filter((key) => wanted.has(key))),
    missing: new Set(gone),
  }
}

/** An end is announced also when it is no longer looked for. */
function outlivesItem({ index: { event, status, since } }: ListedActor, forgetBefore: number): boolean {
  return isEndEvent(event) && status !== 'delivered' && (status === 'pending' || Number(since) > forgetBefore)
}
