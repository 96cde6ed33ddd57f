import type { Cell, Envelope } from '../kernel/types.ts'
import { firstOf, itemsOf, lengthOf, push, type Queue, shift, unshift } from './queue.ts'

/** A waiting message, with its engine's data; `stopped`: a stop came after it; `forTurn`: a running effect waits. */
export type Mail = { readonly envelope: Envelope; stopped?: true; forTurn?: true }

export type RunningTurn<Item extends Mail = Mail> = {
  readonly mail: Item
  readonly envelope: Envelope
  /** the turn must end now: it was cancelled or stopped, or its engine stops */
  halted: boolean
  /** aborts its running effect */
  readonly controller: AbortController
  /** callbacks that end what the turn waits for */
  waits: readonly (() => void)[]
  interrupted: boolean
  /** its running effects, the oldest first */
  effects: readonly RunningEffect[]
  /** end of its pause before a retry; undefined: no pause */
  until: number | undefined
}

/** One actor in memory: its cell, its waiting mail, and its running turn. */
export type Mailbox<Item extends Mail = Mail> = {
  readonly name: string
  cell: Cell | undefined
  queue: Queue<Item>
  running: RunningTurn<Item> | undefined
  /** the actor is in the ready list */
  ready: boolean
  /** its first message is suspected of killing processes: the actor takes no message until it is released */
  held: boolean
}

/** A running effect: its key in the journal, and its start. */
type RunningEffect = { readonly key: string; readonly since: number }

export function startTurn<Item extends Mail>(mail: Item): RunningTurn<Item> {
  const { envelope } = mail
  return {
    mail,
    envelope,
    halted: false,
    controller: new AbortController(),
    waits: NONE,
    interrupted: false,
    effects: NONE,
    until: undefined,
  }
}

// nearly always empty, or of one
const NONE: readonly never[] = []

export const appended = <Item>(list: readonly Item[], item: Item): readonly Item[] =>
  list.length === 0 ? [item] : [...list, item]

export const removed = <Item>(list: readonly Item[], item: Item): readonly Item[] =>
  list.length === 1 && list[0] === item ? NONE : list.filter((other) => other !== item)

/** Adds mail; a cancellation or a stop overtakes all other. */
export function enqueue<Item extends Mail>(box: Mailbox<Item>, mail: Item): void {
  if (mail.envelope.type === 'stop') markStopped(box)
  if (overtakes(mail.envelope)) unshift(box.queue, mail)
  else push(box.queue, mail)
}

/** A cancellation or a stop goes before all other mail. */
export const overtakes = ({ type }: Envelope) => type === 'cancel' || type === 'stop'

function markStopped(box: Mailbox): void {
  for (const waiting of itemsOf(box.queue)) waiting.stopped = true
  if (box.running) box.running.mail.stopped = true
}

/** Removes and returns the next message. */
export const dequeue = <Item extends Mail>({ queue }: Mailbox<Item>): Item | undefined => shift(queue)

/** Whether an effect of a running turn waits for mail of this actor. */
export const isTurnWaitingFor = ({ queue }: Pick<Mailbox, 'queue'>): boolean =>
  itemsOf(queue).some((mail) => mail?.forTurn)

export const hasMail = ({ queue }: Mailbox): boolean => lengthOf(queue) > 0

/** Puts back the message of an interrupted turn: before other mail, but after messages that overtake. */
export function putBack<Item extends Mail>(box: Mailbox<Item>, mail: Item): void {
  const overtaking: Item[] = []
  for (let first = firstOf(box.queue); first && overtakes(first.envelope); first = firstOf(box.queue))
    overtaking.push(shift(box.queue)!)
  for (const first of [mail, ...overtaking.reverse()]) unshift(box.queue, first)
}

/** Whether a message ends the running turn: a cancellation of its work, or a stop, except in a turn of a stop. */
export function interrupts({ type, correlationId }: Envelope, running: Envelope): boolean {
  if (type === 'stop') return running.type !== 'stop'
  return type === 'cancel' && belongsToWork(running, correlationId)
}

/** Removes requests and events from before a stop. All other messages notice for themselves that the actor ended. */
export const removeStopped = <Item extends Mail>(box: Mailbox<Item>): readonly Item[] => removeFrom(box, isStopped)

/** Whether an actor has ended: it was deleted, or halted with its state. */
export const isDown = (cell: Cell | undefined | null): boolean => !cell || cell.status === 'halted'

function isStopped({ stopped, envelope: { type, timer } }: Mail): boolean {
  return stopped === true && (type === 'request' || type === 'event') && timer === undefined
}

export function removeWork<Item extends Mail>(box: Mailbox<Item>, correlationId: string): readonly Item[] {
  return removeFrom(box, ({ envelope }) => belongsToWork(envelope, correlationId))
}

function removeFrom<Item extends Mail>(box: Mailbox<Item>, isPicked: (mail: Item) => boolean): readonly Item[] {
  const { picked = [], other = [] } = Object.groupBy(itemsOf(box.queue), (mail) =>
    isPicked(mail) ? 'picked' : 'other',
  )
  if (picked.length > 0) box.queue = { items: other, head: 0 }
  return picked
}

/** Whether a message is ordinary mail of that work; control messages are not. */
export function belongsToWork({ correlationId, type }: Envelope, work: string): boolean {
  return correlationId === work && !CONTROL_TYPES.has(type)
}
const CONTROL_TYPES: ReadonlySet<string> = new Set(['cancel', 'watch', 'down', 'stop', 'resume'])
