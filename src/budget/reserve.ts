import { busyProblem } from '../errors.ts'
import { dayOf } from '../house/act.ts'
import { parseRef } from '../kernel/ref.ts'
import type { ActorRef, Effects, Send, Turn } from '../kernel/types.ts'
import { present } from '../lib/json/present.ts'
import { LOCAL_OWNER } from '../lib/owner.ts'
import { levelOf } from '../lib/priority.ts'
import { COST_KIND, type CostMessage } from './cost-day.ts'
import { timeOf, turnWithGrants } from './grant-waiting.ts'
import type { BudgetMessage, Granted, InsufficientBudget, Reserve } from './messages.ts'
import { periodEnd } from './period.ts'
import { closeReservation, releaseForCall, reserveAmount, settleReservation, undoReservation } from './reservation.ts'
import { readScope, scopeActor } from './scope.ts'
import type { Booking, BudgetState, BudgetWaiter, Reservation } from './state.ts'
import { availableAmount, heldPart, limitOf } from './state.ts'

/** Reserves the maximum cost of a call, or replies with the remaining money. */
export async function reserve(state: BudgetState, message: Reserve, effects: Effects): Promise<Turn<BudgetState>> {
  if (limitOf(state) === undefined) return UNLIMITED
  const { id, by, amount } = message
  const held = await heldBy(by, effects)
  const waitsNoMore = { ...state, waiting: state.waiting.filter((waiter) => waiter.by !== by) }
  const lent = reserveAmount(waitsNoMore, held, { id, amount, stage: 'begun' })
  if (!lent.granted) return { ...turnWithGrants(state, effects), reply: shortOf(state) }
  const again = held?.id === id && held.stage !== 'granted'
  const reply: Granted = { status: 'granted', ...(again && { again }) }
  const turn = turnWithGrants(lent.state, effects)
  const { books, owner = LOCAL_OWNER } = message
  const begun = books ? { ...lent.held!, booking: { ...books, owner } } : lent.held
  const send = [...turn.send, ...bookEnd(held, id, timeOf(effects.message))]
  return { ...turn, send, parts: { ...turn.parts, [heldPart(by)]: begun }, watch: watched(held, by, effects), reply }
}

/** Without a limit, the budget records nothing. */
const UNLIMITED: Turn<BudgetState> = { reply: { status: 'granted' }, stop: true }

function shortOf(state: BudgetState): InsufficientBudget {
  const { period } = state
  const until = period === undefined ? {} : { until: periodEnd(period) }
  return { status: 'short', free: Math.max(0, availableAmount(state)), limit: limitOf(state)!, ...until }
}

/** Watching once is enough: a watch lasts until the actor ends. */
function watched(held: Reservation | null, by: string, { self }: Effects): readonly ActorRef[] {
  const watched = scopeActor(readScope(self.key))
  return held ? [] : [parseRef(by), ...(watched ? [watched] : [])]
}

/** Queues a borrower until there is enough money. It may be granted at once. */
export async function wait(
  state: BudgetState,
  { id, by, amount, call, priority }: Extract<BudgetMessage, { type: 'wait' }>,
  effects: Effects,
): Promise<Turn<BudgetState>> {
  if (limitOf(state) === undefined) return UNLIMITED
  if (state.waiting.length >= MAX_WAITING) return { refuse: CROWDED }
  const held = await heldBy(by, effects)
  const waiter = { id, by, amount, work: effects.message.correlationId, ...(priority && { priority }) }
  const others = state.waiting.filter((one) => one.by !== by)
  const rest = held ? releaseForCall(state, held, call) : state
  const turn = turnWithGrants({ ...rest, waiting: joinWaiting(others, waiter) }, effects)
  const send = [...turn.send, ...bookEnd(held, call, timeOf(effects.message))]
  return { ...turn, send, parts: { [heldPart(by)]: null, ...turn.parts }, watch: watched(held, by, effects) }
}

/** The limit of waiters; its state has a limited size. Further callers retry later. */
const MAX_WAITING = 200
const CROWDED = busyProblem(`${MAX_WAITING} calls already wait for this budget`)

/** Charges the actual cost of a call. */
export async function settleCall(
  state: BudgetState,
  { id, by, spent, tokens }: Extract<BudgetMessage, { type: 'settle' }>,
  effects: Effects,
): Promise<Turn<BudgetState>> {
  if (limitOf(state) === undefined) return NOTHING
  const before = await heldBy(by, effects)
  const settled = settleReservation(state, before, id, spent, tokens)
  const turn = turnWithGrants(settled.state, effects)
  // a repeated message finds the call settled, and books nothing
  const isNew = settled.held !== null && settled.held !== before
  const booked = isNew
    ? bookSettled(before?.booking, settled.held, timeOf(effects.message))
    : { held: settled.held, send: [] }
  const send = [...turn.send, ...booked.send]
  return { ...turn, send, parts: { [heldPart(by)]: booked.held, ...turn.parts }, reply: DONE }
}

/** Releases the call that a borrower was granted or waits to make; with an id also the call that it has begun. */
export async function release(
  state: BudgetState,
  { by, id }: Extract<BudgetMessage, { type: 'release' }>,
  effects: Effects,
): Promise<Turn<BudgetState>> {
  const held = await heldBy(by, effects)
  const isOver = held?.stage === 'granted' || (held?.stage === 'begun' && held.id === id)
  return letGo(state, by, isOver ? { rest: undoReservation(state, held), held: null } : { rest: state, held }, effects)
}

/** Handles the end of a borrower. */
export async function giveUp(state: BudgetState, by: string, effects: Effects): Promise<Turn<BudgetState>> {
  const held = await heldBy(by, effects)
  const turn = letGo(state, by, { rest: held ? closeReservation(state, held) : state, held: null }, effects)
  return { ...turn, send: [...(turn.send ?? []), ...bookEnd(held, undefined, timeOf(effects.message))] }
}

/** The end of the run, goal or thread of the budget: the call that it has begun itself is booked. */
export async function endWith(by: string, effects: Effects): Promise<Turn<BudgetState>> {
  return { send: bookEnd(await heldBy(by, effects), undefined, timeOf(effects.message)), stop: true }
}

function letGo(
  state: BudgetState,
  by: string,
  { rest, held }: { readonly rest: BudgetState; readonly held: Reservation | null },
  effects: Effects,
): Turn<BudgetState> {
  if (limitOf(state) === undefined) return NOTHING
  const turn = turnWithGrants({ ...rest, waiting: rest.waiting.filter((waiter) => waiter.by !== by) }, effects)
  return { ...turn, parts: { [heldPart(by)]: held, ...turn.parts }, reply: DONE }
}

const DONE = { status: 'settled' }
const NOTHING: Turn<BudgetState> = { reply: DONE, stop: true }

const heldBy = async (by: string, { part }: Effects) => ((await part(heldPart(by))) ?? null) as Reservation | null

/** A waiter that has been overtaken this often keeps its place, so none waits forever. */
const MAX_OVERTAKEN = 8

/** The waiters with a new one, which goes before the less urgent ones at the end of the list. Pure. */
export function joinWaiting(waiting: readonly BudgetWaiter[], waiter: BudgetWaiter): readonly BudgetWaiter[] {
  const stays = ({ priority, overtaken = 0 }: BudgetWaiter) =>
    levelOf(priority) <= levelOf(waiter.priority) || overtaken >= MAX_OVERTAKEN
  const place = waiting.findLastIndex(stays) + 1
  const passed = waiting.slice(place).map((one) => ({ ...one, overtaken: (one.overtaken ?? 0) + 1 }))
  return [...waiting.slice(0, place), waiter, ...passed]
}

/**
 * Ends a reservation because its borrower makes this call, or none, and gives the message to the sums. The maximum of
 * another call that has begun is booked. A booking of the same call, which is made again, is undone. Pure.
 */
function bookEnd(held: Reservation | null, call: string | undefined, now: number): readonly Send[] {
  if (!held?.booking) return []
  const { id, stage, amount, tokens = 0, booking } = held
  if (id === call) return stage === 'spent' ? [bookMessage(booking, -amount, -1, -tokens, now)] : []
  return stage === 'begun' ? [bookMessage(booking, amount, 1, 0, now)] : []
}

/** A settled reservation with the day on which it is booked, and the message that books it. Pure. */
function bookSettled(
  booking: Booking | undefined,
  settled: Reservation,
  now: number,
): { readonly held: Reservation; readonly send: readonly Send[] } {
  if (!booking) return { held: settled, send: [] }
  const { amount, tokens = 0 } = settled
  return {
    held: { ...settled, booking: { ...booking, day: dayOf(now) } },
    send: [bookMessage(booking, amount, 1, tokens, now)],
  }
}

/** The message leaves with the turn that charges the budget, so both are durable, or neither. */
function bookMessage(booking: Booking, amount: number, calls: number, tokens: number, now: number): Send {
  const { owner, agent, model, day = dayOf(now) } = booking
  const body: CostMessage = { type: 'book', owner, day, ...present({ agent, model }), amount, calls, tokens }
  return { to: { kind: COST_KIND, key: `${owner}.${day}` }, body }
}
