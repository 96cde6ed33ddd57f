import { setTimeout as sleep } from 'node:timers/promises'
import type { InboxItem } from '../../contract/documents/run.ts'
import type { RuntimeStatus } from '../../contract/documents/system.ts'
import type { BackgroundWork, House } from '../../rooms/room.ts'
import { NOTICES } from '../actor.ts'
import { FAILURES } from '../horizon.ts'
import { type NoticeItem, noticeId, noticeRef } from '../item.ts'
import { deliveryOf } from './deliver.ts'
import { failureFinder } from './failed.ts'
import { eventOf, identityOf, noticeItemOf } from './waiting.ts'

/** ms between two looks. */
const PAUSE_MS = 1_000
/** Looking takes a twentieth of the time at most. */
const PAUSE_FACTOR = 20
const MAX_ITEMS = 10_000
/** The horizon of failures stays this far behind (ms), as the clocks of nodes differ, and lists lag. */
const OVERLAP_MS = 3_600_000
/** ms for the first attempts at new notices when the process ends. */
const SETTLE_MS = 10_000

/**
 * Compares what waits or has failed with the notices that exist, again and again: an item without a notice gets one,
 * and a notice whose item is gone ends. Both sides are durable, so nothing is lost when a process is killed, and every
 * process and node comes to the same notices.
 */
export async function watchWaiting(house: House): Promise<BackgroundWork> {
  const { engine, clock } = house
  const delivery = deliveryOf(house)
  const all = [...delivery.receivers.values()]
  const findFailed = failureFinder(engine.view)
  const known = new Map<string, NoticeItem>()
  const announced = new Set<string>()
  let missing = new Set<string>()
  let counts: NonNullable<RuntimeStatus['notices']> = { pending: 0, failed: 0 }
  /** work that failed before it has its notices (ms since the epoch); 0: not read yet */
  let horizon = 0
  let off = () => {}
  let isEnding = false
  let running: Promise<void> = Promise.resolve()

  const tell = (key: string, body: object) =>
    engine.tell({ kind: 'notice', key }, body as never, { correlationId: NOTICES })

  async function waitingItems(): Promise<readonly NoticeItem[]> {
    const found: NoticeItem[] = []
    const items: readonly InboxItem[] = await house.inbox({ limit: MAX_ITEMS, content: 'none' })
    for (const item of items) {
      const event = eventOf(item)
      if (!event) continue
      const id = noticeId(identityOf(item))
      const one = known.get(id) ?? (await noticeItemOf(engine.view, item, event))
      known.set(id, one)
      found.push(one)
    }
    return found
  }

  async function failedItems(): Promise<readonly NoticeItem[]> {
    if (!all.some(({ wants }) => wants.has('failed'))) return []
    horizon ||= (await engine.ask(FAILURES, { type: 'begin', at: clock.now() })) as number
    return findFailed(horizon)
  }

  async function look(): Promise<void> {
    // notices first: a notice in this list is older than the list of items, so it is not taken for one without an item
    const notices = await engine.view.list('notice')
    const items = [...(await waitingItems()), ...(await failedItems())]
    const wanted = new Map<string, { readonly item: NoticeItem; readonly receiver: string }>()
    for (const item of items)
      for (const { id, wants } of all)
        if (wants.has(item.event)) wanted.set(noticeRef(item.id, id).key, { item, receiver: id })

    const present = new Set(notices.map(({ key }) => key))
    for (const [key, about] of wanted) {
      if (present.has(key) || announced.has(key)) continue
      await tell(key, { type: 'announce', ...about })
      announced.add(key)
    }
    const gone = notices.filter(({ key, index }) => {
      // the message about a failure is sent even when it is no longer looked for
      return !wanted.has(key) && !(index.event === 'failed' && index.status === 'pending')
    })
    // lists lag on a cluster, so an item counts as gone when two looks have not found it
    for (const { key } of gone) if (missing.has(key)) await tell(key, { type: 'over' })
    missing = new Set(gone.map(({ key }) => key))
    for (const key of announced) if (!wanted.has(key)) announced.delete(key)
    const ids = new Set(items.map(({ id }) => id))
    for (const id of known.keys()) if (!ids.has(id)) known.delete(id)

    const next = clock.now() - OVERLAP_MS
    if (horizon > 0 && next > horizon + OVERLAP_MS)
      horizon = (await engine.ask(FAILURES, { type: 'advance', at: next })) as number
    const count = (status: string) => notices.filter(({ index }) => index.status === status).length
    counts = { pending: count('pending'), failed: count('failed') }
  }

  async function lookAgain(): Promise<void> {
    const began = performance.now()
    try {
      await look()
    } catch (error) {
      // the next look tries again; an engine that has failed says so itself
      if (!isEnding) warn(error)
    }
    if (isEnding) return
    const pause = Math.max(PAUSE_MS, PAUSE_FACTOR * (performance.now() - began))
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
          await look()
          await settle(Math.min(grace ?? SETTLE_MS, SETTLE_MS))
        }
      } finally {
        await delivery.close()
      }
    },
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
