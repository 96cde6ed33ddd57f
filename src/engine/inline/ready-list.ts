import type { Mailbox } from '../mailbox.ts'
import { createQueue, push, shift } from '../queue.ts'

/** The mailboxes whose actors may start a turn, without duplicates. */
interface ReadyList {
  add(box: Mailbox): void
  /** Removes and returns the next mailbox: the first, or with a seed a random one. */
  next(): Mailbox | undefined
}

export function createReadyList(seed: number | undefined): ReadyList {
  const order = seed === undefined ? firstCome() : anyOrder(seed)
  return {
    add(box) {
      if (box.ready) return
      box.ready = true
      order.add(box)
    },
    next() {
      const box = order.next()
      if (box) box.ready = false
      return box
    },
  }
}

function firstCome(): ReadyList {
  const boxes = createQueue<Mailbox>()
  return { add: (box) => push(boxes, box), next: () => shift(boxes) }
}

function anyOrder(seed: number): ReadyList {
  const boxes: Mailbox[] = []
  let state = seed >>> 0
  return {
    add: (box) => boxes.push(box),
    next() {
      if (boxes.length === 0) return undefined
      state = (Math.imul(state, 1664525) + 1013904223) >>> 0
      return boxes.splice(Math.floor((state / 2 ** 32) * boxes.length), 1)[0]
    },
  }
}
