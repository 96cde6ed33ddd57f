import type { Cell, Envelope } from '../kernel/types.ts'

/** The turn an actor is in: its message, how to interrupt it, whether an effect of it was, and whether it pauses before a retry. */
export type Running = {
  readonly envelope: Envelope
  readonly controller: AbortController
  interrupted: boolean
  sleeping: boolean
}

export const runningTurn = (envelope: Envelope): Running => ({
  envelope,
  controller: new AbortController(),
  interrupted: false,
  sleeping: false,
})

/** One resident actor: its cell, the messages that wait for it, and the turn it is in. */
export type Mailbox = { readonly name: string; cell: Cell | undefined; queue: Envelope[]; running: Running | undefined }

/** Adds a message; a cancellation overtakes all others. */
export function enqueue(box: Mailbox, envelope: Envelope): void {
  if (envelope.type === 'cancel') box.queue.unshift(envelope)
  else box.queue.push(envelope)
}

/** Takes out all waiting mail of a piece of work. */
export function removeWork(box: Mailbox, correlationId: string): readonly Envelope[] {
  const removed = box.queue.filter((envelope) => isWork(envelope, correlationId))
  if (removed.length > 0) box.queue = box.queue.filter((envelope) => !isWork(envelope, correlationId))
  return removed
}

/** Whether a message is ordinary mail of that work; control messages are not. */
export function isWork(envelope: Envelope, correlationId: string): boolean {
  return envelope.correlationId === correlationId && !CONTROL.has(envelope.type)
}
const CONTROL: ReadonlySet<string> = new Set(['cancel', 'watch', 'down'])

/** The key an actor is kept under; kinds hold no slash. */
export const nameOf = (ref: { readonly kind: string; readonly key: string }) => `${ref.kind}/${ref.key}`

/** The reference a name stands for. */
export function refOf(name: string): { readonly kind: string; readonly key: string } {
  const slash = name.indexOf('/')
  return { kind: name.slice(0, slash), key: name.slice(slash + 1) }
}
