import type { ActorRef, Cell, Envelope } from '../kernel/types.ts'

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
  queue: Item[]
  running: Running<Item> | undefined
}

export function startTurn<Item extends Mail>(mail: Item): Running<Item> {
  const { envelope } = mail
  return { mail, envelope, controller: new AbortController(), interrupted: false, effect: undefined, until: undefined }
}

/** Adds mail; a cancellation overtakes all other. */
export function enqueue<Item extends Mail>(box: Mailbox<Item>, mail: Item): void {
  if (mail.envelope.type === 'cancel') box.queue.unshift(mail)
  else box.queue.push(mail)
}

/** Puts back the mail of an interrupted turn: before all other, behind cancellations, one of which may have interrupted it. */
export function putBack<Item extends Mail>(box: Mailbox<Item>, mail: Item): void {
  const first = box.queue.findIndex(({ envelope }) => envelope.type !== 'cancel')
  box.queue.splice(first === -1 ? box.queue.length : first, 0, mail)
}

/** Takes out all waiting mail of a piece of work. */
export function removeWork<Item extends Mail>(box: Mailbox<Item>, correlationId: string): readonly Item[] {
  const removed = box.queue.filter(({ envelope }) => isWork(envelope, correlationId))
  if (removed.length > 0) box.queue = box.queue.filter(({ envelope }) => !isWork(envelope, correlationId))
  return removed
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
