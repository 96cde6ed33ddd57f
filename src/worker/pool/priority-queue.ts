import { createOldest, isBefore } from './lazy-heap.ts'
import { append, createList, insert, type Link, type List, unlink, valuesOf } from './linked-list.ts'

/** One that waits; its share is on whose behalf. `order` is that in which they came, `since` is when. */
export type Waiting = {
  readonly order: number
  readonly since: number
  readonly share: string
  link: Link<Waiting> | undefined
}

/** Those that wait with the same priority and needs: shares take turns, each of them is first in, first out. A parked share has no turn. */
export interface Level<Item extends Waiting> {
  readonly size: number
  add(item: Item): void
  /** Takes one out; `served`: it was its share's turn. */
  remove(item: Item, served: boolean): void
  /** Whose turn it is. */
  next(): Item | undefined
  /** Who came first, of the shares that have a turn. */
  oldest(): Item | undefined
  holds(share: string): boolean
  park(share: string): void
  unpark(share: string): void
  isParked(share: string): boolean
  /** Share by share: those that have a turn in the order of their turns, then the parked ones. */
  items(): Iterable<Item>
}

type Share = { readonly name: string; readonly items: List<Waiting>; turn: Link<Share> | undefined; parked: boolean }

/** An empty one. */
export function createLevel<Item extends Waiting>(): Level<Item> {
  const shares = new Map<string, Share>()
  const turns = createList<Share>()
  const oldest = createOldest<Waiting>(isHead, heads)
  let size = 0

  function isHead(item: Waiting): boolean {
    const share = shares.get(item.share)
    return item.link !== undefined && share?.turn !== undefined && share.items.first === item.link
  }

  function* heads(): Generator<Waiting> {
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

  // a share alone has the oldest anyway
  function noteHead(share: Share): void {
    if (turns.size > 1) oldest.add(share.items.first!.value)
  }

  function open(name: string): Share {
    const share: Share = { name, items: createList(), turn: undefined, parked: false }
    shares.set(name, share)
    return share
  }

  function close(share: Share): void {
    leaveTurn(share)
    shares.delete(share.name)
  }

  function leaveTurn(share: Share): void {
    if (share.turn) unlink(share.turn)
    share.turn = undefined
  }

  return {
    get size() {
      return size
    },
    add(item) {
      const share = shares.get(item.share) ?? open(item.share)
      item.link = insert<Waiting>(share.items, item, isBefore)
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
