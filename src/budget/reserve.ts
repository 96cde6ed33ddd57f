import type { Problem } from '../errors.ts'
import { parseRef } from '../kernel/ref.ts'
import type { ActorRef, Effects, Turn } from '../kernel/types.ts'
import { turnWithGrants } from './grant-waiting.ts'
import type { BudgetMessage, Granted, InsufficientBudget, Reserve } from './messages.ts'
import { periodEnd } from './period.ts'
import { closeReservation, releaseForCall, reserveAmount, settleReservation, undoReservation } from './reservation.ts'
import { readScope, scopeActor } from './scope.ts'
import { availableAmount, type BudgetState, heldPart, limitOf, type Reservation } from './state.ts'

/** Reserves the worst case of a call, or says how much there is. */
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
  return { ...turn, parts: { ...turn.parts, [heldPart(by)]: lent.held }, watch: watched(held, by, effects), reply }
}

/** None was set here, or it was removed meanwhile: nothing is kept of what is asked. */
const UNLIMITED: Turn<BudgetState> = { reply: { status: 'granted' }, stop: true }

function shortOf(state: BudgetState): InsufficientBudget {
  const { period } = state
  const until = period === undefined ? {} : { until: periodEnd(period) }
  return { status: 'short', free: Math.max(0, availableAmount(state)), limit: limitOf(state)!, ...until }
}

/** Whoever is watched is so until it is gone: to ask for that once is enough. */
function watched(held: Reservation | null, by: string, { self }: Effects): readonly ActorRef[] {
  const kept = scopeActor(readScope(self.key))
  return held ? [] : [parseRef(by), ...(kept ? [kept] : [])]
}

/** Has a borrower wait until there is as much as it needs; it may be told at once. */
export async function wait(
  state: BudgetState,
  { id, by, amount, call }: Extract<BudgetMessage, { type: 'wait' }>,
  effects: Effects,
): Promise<Turn<BudgetState>> {
  if (limitOf(state) === undefined) return UNLIMITED
  if (state.waiting.length >= MAX_WAITING) return { refuse: CROWDED }
  const held = await heldBy(by, effects)
  const waiter = { id, by, amount, work: effects.message.correlationId }
  const others = state.waiting.filter((one) => one.by !== by)
  const rest = held ? releaseForCall(state, held, call) : state
  const turn = turnWithGrants({ ...rest, waiting: [...others, waiter] }, effects)
  return { ...turn, parts: { [heldPart(by)]: null, ...turn.parts }, watch: watched(held, by, effects) }
}

/** More would not fit into its state; who comes then tries again later. */
const MAX_WAITING = 200
const CROWDED: Problem = {
  code: 'busy',
  name: 'BusyError',
  message: `${MAX_WAITING} calls wait for this budget already`,
}

/** Counts what a call took. */
export async function settleCall(
  state: BudgetState,
  { id, by, spent }: Extract<BudgetMessage, { type: 'settle' }>,
  effects: Effects,
): Promise<Turn<BudgetState>> {
  if (limitOf(state) === undefined) return NOTHING
  const settled = settleReservation(state, await heldBy(by, effects), id, spent)
  const turn = turnWithGrants(settled.state, effects)
  return { ...turn, parts: { [heldPart(by)]: settled.held, ...turn.parts }, reply: DONE }
}

/** The call that a borrower was granted or waits to make is not made; and with an id the one that it has begun. */
export async function release(
  state: BudgetState,
  { by, id }: Extract<BudgetMessage, { type: 'release' }>,
  effects: Effects,
): Promise<Turn<BudgetState>> {
  const held = await heldBy(by, effects)
  const isOver = held?.stage === 'granted' || (held?.stage === 'begun' && held.id === id)
  return letGo(state, by, isOver ? { rest: undoReservation(state, held), held: null } : { rest: state, held }, effects)
}

/** A borrower is no more. */
export async function giveUp(state: BudgetState, by: string, effects: Effects): Promise<Turn<BudgetState>> {
  const held = await heldBy(by, effects)
  return letGo(state, by, { rest: held ? closeReservation(state, held) : state, held: null }, effects)
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
