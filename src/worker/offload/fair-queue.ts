/** Queues by share. The share with the fewest running jobs is next; among equals, the longest waiting one. */
interface FairQueue<T> {
  add(share: string, one: T): void
  /** Takes the next item, which counts as running until `end`. Undefined if none may start. */
  next(): T | undefined
  end(share: string): void
  remove(share: string, one: T): void
  clear(): readonly T[]
}

type Share<T> = { readonly waiting: T[]; running: number }

/** `most`: concurrent items per share. */
export function createFairQueue<T>(most: number): FairQueue<T> {
  // in the order of their turns
  const shares = new Map<string, Share<T>>()

  function leave(name: string, share: Share<T>): void {
    if (share.running === 0 && share.waiting.length === 0) shares.delete(name)
  }

  return {
    add(name, one) {
      const share = shares.get(name) ?? { waiting: [], running: 0 }
      shares.set(name, share)
      share.waiting.push(one)
    },
    next() {
      let found: readonly [string, Share<T>] | undefined
      for (const entry of shares) {
        const [, { waiting, running }] = entry
        if (waiting.length > 0 && running < (found?.[1].running ?? most)) found = entry
      }
      if (!found) return undefined
      const [name, share] = found
      shares.delete(name)
      shares.set(name, share)
      share.running++
      return share.waiting.shift()
    },
    end(name) {
      const share = shares.get(name)!
      share.running--
      leave(name, share)
    },
    remove(name, one) {
      const share = shares.get(name)
      const at = share?.waiting.indexOf(one) ?? -1
      if (!share || at < 0) return
      share.waiting.splice(at, 1)
      leave(name, share)
    },
    clear() {
      const all = [...shares.values()].flatMap(({ waiting }) => waiting.splice(0))
      for (const [name, share] of [...shares]) leave(name, share)
      return all
    },
  }
}
