import { setTimeout as sleep } from 'node:timers/promises'
import type { BackgroundWork } from '../../house/room.ts'
import type { InboxItem } from '../../thread/room/documents/inbox.ts'
import { NOTICES } from '../actor.ts'
import { FAILURES } from '../horizon.ts'
import { type NoticeItem, noticeId } from '../item.ts'
import { deliveryOf } from './deliver.ts'
import { failureFinder } from './failed.ts'
import type { NoticeHouse } from './needs.ts'
import { reconcile } from './reconcile.ts'
import { eventOf, identityOf, noticeItemOf } from './waiting.ts'

/** ms between two looks. */
const PAUSE_MS = 1_000
/** Looking takes a twentieth of the time at most. On a cluster a look mostly waits for the server. */
const PAUSE_FACTOR = { libsql: 20, restate: 3 }
const MAX_ITEMS = 10_000
/** The horizon of failures stays this far behind (ms), as the clocks of nodes differ, and lists lag. */
const OVERLAP_MS = 3_600_000
const DAY_MS = 24 * 3_600_000
/** ms for the first attempts at new notices when the process ends. */
const SETTLE_MS = 10_000

/**
 * Compares what waits or has failed with the notices that exist, again and again: an item without a notice gets one,
 * and a notice whose item is gone ends. Both sides are durable, so nothing is lost when a process is killed, and every
 * process and node comes to the same notices.
 */
export async function watchWaiting(house: NoticeHouse): Promise<BackgroundWork> {
  const { engine, clock, config } = house
  const factor = PAUSE_FACTOR[config.restate ? 'restate' : 'libsql']
  const delivery = deliveryOf(house)
  const all = [...delivery.receivers.values()]
  const findFailed = failureFinder(engine.view)
  const known = new Map<string, NoticeItem>()
  let announced = new Set<string>()
  let missing: ReadonlySet<string> = new Set()
  let counts = { pending: 0, failed: 0 }
  /** work that failed before it has its notices (ms since the epoch); 0: not read yet */
  let horizon = 0
  let off = () => {}
  let isEnding = false
  let running: Promise<void> = Promise.resolve()

  // the answer says that the notice exists, so `settle` finds it
  const ask = (key: string, body: object) =>
    engine.ask({ kind: 'notice', key }, body as never, { correlationId: NOTICES })

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
    const notices = await engine.view.list('notice')
    const items = (await Promise.all([waitingItems(), failedItems()])).flat()
    const forgetBefore = clock.now() - config.retention.deadLetterDays * DAY_MS
    const receivers = delivery.receivers.values()
    const next = reconcile({ notices, items, receivers, announced, missing, forgetBefore })
    ;({ announced, missing } = next)
    for (const [key, about] of next.announce) {
      await ask(key, { type: 'announce', ...about })
      announced.add(key)
    }
    for (const key of next.over)
      await engine.tell({ kind: 'notice', key }, { type: 'over' }, { correlationId: NOTICES })
    const ids = new Set(items.map(({ id }) => id))
    for (const id of known.keys()) if (!ids.has(id)) known.delete(id)

    const settled = clock.now() - OVERLAP_MS
    if (horizon > 0 && settled > horizon + OVERLAP_MS)
      horizon = (await engine.ask(FAILURES, { type: 'advance', at: settled })) as number
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
    const pause = Math.max(PAUSE_MS, factor * (performance.now() - began))
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
