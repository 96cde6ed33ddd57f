import type { ListedActor } from '../../engine/engine.ts'
import { type NoticeItem, noticeRef } from '../item.ts'
import type { KnownReceiver } from './receivers.ts'

/** The notices that exist, and the items that wait or have failed. Times in ms since the epoch. */
export type Looked = {
  /** listed before the items: a notice in this list is older than the list of items */
  readonly notices: readonly ListedActor[]
  readonly items: readonly NoticeItem[]
  readonly receivers: Iterable<KnownReceiver>
  /** the notices that were announced before, and may not be listed yet */
  readonly announced: ReadonlySet<string>
  /** the notices whose items the last look did not find */
  readonly missing: ReadonlySet<string>
  /** messages about failures from before this time, which were given up, are forgotten */
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
  const gone = notices.filter((one) => !wanted.has(one.key) && !outlivesItem(one, forgetBefore)).map(({ key }) => key)
  return {
    announce: new Map([...wanted].filter(([key]) => !present.has(key) && !announced.has(key))),
    // lists lag on a cluster, so an item counts as gone when two looks have not found it
    over: gone.filter((key) => missing.has(key)),
    announced: new Set([...announced].filter((key) => wanted.has(key))),
    missing: new Set(gone),
  }
}

/** A failure is announced also when it is no longer looked for. */
function outlivesItem({ index: { event, status, since } }: ListedActor, forgetBefore: number): boolean {
  return event === 'failed' && status !== 'delivered' && (status === 'pending' || Number(since) > forgetBefore)
}
