import { createLazyHeap, isBefore } from '../../lib/collections/lazy-heap.ts'
import type { List, ListLink } from '../../lib/collections/linked-list.ts'
import { append, createList, insert, unlink, valuesOf } from '../../lib/collections/linked-list.ts'

/** A waiting task. `share` is its owner for fairness, `order` its place of arrival, `since` its time of arrival. */
export type WaitingTask = {
  readonly order: number
  readonly since: number
  readonly share: string
  link: ListLink<WaitingTask> | undefined
}

/** Waiting tasks of one priority and lane. Shares take turns, unless parked; each is in the order of arrival. */
export interface PriorityQueue<Item extends WaitingTask> {
  readonly size: number
  add(item: Item): void
  /** Removes an item; `served`: its share has used its turn. */
  remove(item: Item, served: boolean): void
  /** The next item. */
  next(): Item | undefined
  /** The oldest item of the shares that may start. */
  oldest(): Item | undefined
  holds(share: string): boolean
  park(share: string): void
  unpark(share: string): void
  isParked(share: string): boolean
  /** All items by share: first shares that may start, in order, then parked ones. */
  items(): Iterable<Item>
}

type Share = {
  readonly name: string
  readonly items: List<WaitingTask>
  turn: ListLink<Share> | undefined
  parked: boolean
}

const createShare = (name: string): Share => ({ name, items: createList(), turn: undefined, parked: false })

function leaveTurn(share: Share): void {
  if (share.turn) unlink(share.turn)
  share.turn = undefined
}

export function createPriorityQueue<Item extends WaitingTask>(): PriorityQueue<Item> {
  const shares = new Map<string, Share>()
  const turns = createList<Share>()
  const oldest = createLazyHeap<WaitingTask>(isHead, heads)
  let size = 0

  function isHead(item: WaitingTask): boolean {
    const share = shares.get(item.share)
    return item.link !== undefined && share?.turn !== undefined && share.items.first === item.link
  }

  function* heads(): Generator<WaitingTask> {
    for (const { items } of valuesOf(turns)) if (items.first) yield items.first.value
  }

  function takeTurn(share: Share): void {
    share.turn = append(turns, share)
    if (turns.size === 2) noteHead(turns.first!.value)
    noteHead(share)
  }

  function passTurn(share: Share): void {
    if (turns.size > 1) {
      leaveTurn(share)
      share.turn = append(turns, share)
    }
    noteHead(share)
  }

  // a single share always has the oldest item
  function noteHead(share: Share): void {
    if (turns.size > 1) oldest.add(share.items.first!.value)
  }

  function open(name: string): Share {
    const share = createShare(name)
    shares.set(name, share)
    return share
  }

  function close(share: Share): void {
    leaveTurn(share)
    shares.delete(share.name)
  }

  return {
    get size() {
      return size
    },
    add(item) {
      const share = shares.get(item.share) ?? open(item.share)
      item.link = insert<WaitingTask>(share.items, item, isBefore)
      size++
      if (share.parked) return
      if (!share.turn) takeTurn(share)
      else if (share.items.first === item.link) noteHead(share)
    },
    remove(item, served) {
      const share = shares.get(item.share)!
      const wasFirst = share.items.first === item.link
      unlink(item.link!)
      item.link = undefined
      size--
      if (share.items.size === 0) close(share)
      else if (served) passTurn(share)
      else if (wasFirst && share.turn) noteHead(share)
    },
    next: () => turns.first?.value.items.first?.value as Item | undefined,
    oldest: () => (turns.size > 1 ? oldest.peek() : turns.first?.value.items.first?.value) as Item | undefined,
    holds: (name) => shares.has(name),
    park(name) {
      const share = shares.get(name)
      if (!share) return
      share.parked = true
      leaveTurn(share)
    },
    unpark(name) {
      const share = shares.get(name)
      if (!share?.parked) return
      share.parked = false
      takeTurn(share)
    },
    isParked: (name) => shares.get(name)?.parked === true,
    *items() {
      const parked = [...shares.values()].filter(({ turn }) => !turn)
      for (const { items } of [...valuesOf(turns), ...parked]) for (const item of valuesOf(items)) yield item as Item
    },
  }
}
