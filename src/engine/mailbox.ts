import type { ActorRef, Cell, Envelope } from '../kernel/types.ts'
import { firstOf, itemsOf, lengthOf, push, type Queue, shift, unshift } from './queue.ts'

/** A message that waits, with what its engine needs to know of it. */
export type Mail = { readonly envelope: Envelope }

/** The turn an actor is in: its message, how to interrupt it, whether an effect of it was, and where it stands. */
export type Running<Item extends Mail = Mail> = {
  readonly mail: Item
  readonly envelope: Envelope
  readonly controller: AbortController
  interrupted: boolean
  /** the effect it is in: its key in the journal, and since when */
  effect: { readonly key: string; readonly since: number } | undefined
  /** when its pause before a retry is over; absent: it does not pause */
  until: number | undefined
}

/** One resident actor: its cell, the mail that waits for it, and the turn it is in. */
export type Mailbox<Item extends Mail = Mail> = {
  readonly name: string
  cell: Cell | undefined
  queue: Queue<Item>
  running: Running<Item> | undefined
}

export function startTurn<Item extends Mail>(mail: Item): Running<Item> {
  const { envelope } = mail
  return { mail, envelope, controller: new AbortController(), interrupted: false, effect: undefined, until: undefined }
}

/** Adds mail; a cancellation overtakes all other. */
export function enqueue<Item extends Mail>(box: Mailbox<Item>, mail: Item): void {
  if (mail.envelope.type === 'cancel') unshift(box.queue, mail)
  else push(box.queue, mail)
}

/** Takes out the mail that is next. */
export const dequeue = <Item extends Mail>({ queue }: Mailbox<Item>): Item | undefined => shift(queue)

export const hasMail = ({ queue }: Mailbox): boolean => lengthOf(queue) > 0

/** Puts back the mail of an interrupted turn: before all other, behind cancellations, one of which may have interrupted it. */
export function putBack<Item extends Mail>(box: Mailbox<Item>, mail: Item): void {
  const overtaking: Item[] = []
  while (firstOf(box.queue)?.envelope.type === 'cancel') overtaking.push(shift(box.queue)!)
  for (const first of [mail, ...overtaking.reverse()]) unshift(box.queue, first)
}

/** Takes out all waiting mail of a piece of work. */
export function removeWork<Item extends Mail>(box: Mailbox<Item>, correlationId: string): readonly Item[] {
  const { work = [], other = [] } = Object.groupBy(itemsOf(box.queue), ({ envelope }) =>
    isWork(envelope, correlationId) ? 'work' : 'other',
  )
  if (work.length > 0) box.queue = { items: other, head: 0 }
  return work
}

/** Whether a message is ordinary mail of that work; control messages are not. */
export function isWork({ correlationId, type }: Envelope, work: string): boolean {
  return correlationId === work && !CONTROL.has(type)
}
const CONTROL: ReadonlySet<string> = new Set(['cancel', 'watch', 'down'])

/** The key an actor is kept under; kinds hold no slash. */
export const nameOf = (ref: ActorRef) => `${ref.kind}/${ref.key}`

/** The actor that is kept under a key. */
export function refOf(name: string): ActorRef {
  const slash = name.indexOf('/')
  return { kind: name.slice(0, slash), key: name.slice(slash + 1) }
}
