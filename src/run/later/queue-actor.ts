/**
 * The queue of a key: which runs and goals of an owner work, and which wait in order. Each leaves it in the commit that
 * ends it, so a slot is freed once, whatever crashes.
 */

import { busyProblem, type Problem, problemOf, TerminalError } from '../../errors.ts'
import { KIND } from '../../house/actors.ts'
import type { Json } from '../../kernel/json.ts'
import { parseRef } from '../../kernel/ref.ts'
import { defineActor } from '../../kernel/turn.ts'
import type { Actor, Cancellation, Effects, Send, Turn } from '../../kernel/types.ts'
import { ownerField } from '../../lib/owner.ts'
import type { Enter, Entered, QueueMessage } from './messages.ts'
import { firstSend, queueMessage, RUN_QUEUE, START_NOW } from './messages.ts'
import {
  endOfMinute,
  hasRoom,
  isIdle,
  NEW_QUEUE,
  nextMinute,
  placePart,
  type QueueState,
  recent,
  waitPart,
  withActive,
  withoutDebounced,
  withTerms,
} from './queue-state.ts'

type QueueTurn = Turn<QueueState>
type Parts = { [name: string]: Json | null }

/** Runs and goals that wait for one key. */
const MAX_WAITING = 10_000
/** A key that never rests begins a run after so many times its `debounce`. */
const MAX_DEBOUNCES = 10
/** Places that one turn looks at; the rest follows in the next one. */
const MAX_LOOKED_AT = 200

/** `run-queue/OWNER:KEY`: gives slots to the runs of a key. */
export function queueActor(): Actor<QueueState, QueueMessage> {
  return defineActor<QueueState, QueueMessage>({
    kind: RUN_QUEUE,
    message: queueMessage,
    initial: () => NEW_QUEUE,
    async receive(stored, message, effects) {
      const now = await effects.now()
      const state = recent(stored, now)
      switch (message.type) {
        case 'enter':
          return enter(state, message, now, effects)
        case 'leave':
          return leave(state, message.of, now, effects)
        case 'debounced':
          return state.debounced === undefined ? {} : endDebounce(state, state.debounced, now, effects)
        case 'minute':
        case 'more':
          return settled(state, now, effects)
      }
    },
    // the work of one run is cancelled, and the queue goes on for the others
    notice: (_, { type }) => (type === 'stop' ? { stop: true } : {}),
  })
}

async function enter(before: QueueState, asked: Enter, now: number, effects: Effects): Promise<QueueTurn> {
  const { of, owner, key, terms } = asked
  if (await isIn(before, of, effects)) return { reply: { of } satisfies Entered }
  const state = withTerms({ ...before, owner, key }, terms)
  const isBusy = state.waiting > 0 || state.debounced !== undefined || !hasRoom(state)
  const open = isBusy && terms.onConflict ? await openWork(state, effects) : []
  // a run joins a run, and a goal a goal
  const joins = terms.onConflict === 'join' ? open.filter((other) => isSameKind(other, of)) : []
  if (joins.length > 0) return { reply: { of: joins[0]!, joined: true, open: joins } satisfies Entered }
  if (open.length > 0 && terms.onConflict !== 'replace') return { refuse: keyBusy(key, open[0]!) }
  if (state.waiting >= MAX_WAITING) return { refuse: QUEUE_FULL }
  const replaced = open.length > 0 ? open : terms.debounce === undefined ? [] : debouncedIn(state)
  const entered = {
    cancel: replaced.slice(0, MAX_LOOKED_AT).map((other) => replacedBy(other, of)),
    reply: { of } satisfies Entered,
    index: indexOf(state),
  }
  if (terms.debounce !== undefined) {
    const debouncedSince = (state.debounced !== undefined && state.debouncedSince) || now
    const latest = debouncedSince + terms.debounce * MAX_DEBOUNCES
    // a clock that was set back does not hold it longer
    const delay = Math.max(0, Math.min(terms.debounce, latest - now))
    const debouncedUntil = now + delay
    return {
      ...entered,
      state: { ...state, debounced: of, debouncedSince, debouncedUntil },
      timers: { debounced: { delay, body: { type: 'debounced' } } },
      send: firstMessages(asked, { debouncedUntil }),
    }
  }
  if (state.waiting === 0 && hasRoom(state))
    return { ...entered, state: withActive(state, of, now), send: firstMessages(asked, { admitted: true }) }
  const { state: next, parts } = withWaiting(state, of)
  return { ...entered, ...timed(next, now), parts, send: firstMessages(asked, {}) }
}

/** Whether it entered before. A repeated request changes nothing. */
async function isIn({ active, debounced }: QueueState, of: string, { part }: Effects): Promise<boolean> {
  return active.includes(of) || debounced === of || (await part(placePart(of))) !== undefined
}

/** The message that makes a run or a goal; or, if it exists, the message that it begins. */
function firstMessages(
  { of, owner, first }: Enter,
  given: { readonly admitted?: true; readonly debouncedUntil?: number },
): readonly Send[] {
  if (!first) return given.admitted ? [startNow(of)] : []
  const message = { ...first.message, ...given }
  return [firstSend(parseRef(of), message as Json, owner, first.budget)]
}

/** The one that was to wait for others has waited long enough. */
async function endDebounce(state: QueueState, of: string, now: number, effects: Effects): Promise<QueueTurn> {
  const queued = withWaiting(withoutDebounced(state), of)
  return settled(queued.state, now, effects, queued.parts)
}

/** A run or a goal has ended, or does not wait any more. */
async function leave(state: QueueState, of: string, now: number, effects: Effects): Promise<QueueTurn> {
  if (state.active.includes(of))
    return settled({ ...state, active: state.active.filter((one) => one !== of) }, now, effects)
  if (state.debounced === of) return settled(withoutDebounced(state), now, effects, {}, { debounced: null })
  const place = (await effects.part(placePart(of))) as number | undefined
  if (place === undefined) return settled(state, now, effects)
  const parts = { [placePart(of)]: null, [waitPart(place)]: null }
  return settled({ ...state, waiting: state.waiting - 1 }, now, effects, parts)
}

/** Gives the free slots to those that wait, and ends the queue when it is idle. */
async function settled(
  before: QueueState,
  now: number,
  effects: Effects,
  changed: Parts = {},
  timers: QueueTurn['timers'] = {},
): Promise<QueueTurn> {
  let state = before
  const parts = { ...changed }
  const send: Send[] = []
  for (let looked = 0; state.waiting > 0 && hasRoom(state); looked++) {
    if (looked === MAX_LOOKED_AT) {
      send.push({ to: effects.self, body: { type: 'more' } })
      break
    }
    const part = waitPart(state.head)
    const of = (part in parts ? parts[part] : await effects.part(part)) as string | null | undefined
    state = { ...state, head: state.head + 1 }
    if (of == null) continue
    Object.assign(parts, { [part]: null, [placePart(of)]: null })
    state = withActive({ ...state, waiting: state.waiting - 1 }, of, now)
    send.push(startNow(of))
  }
  if (isIdle(state)) return { stop: true, send }
  const turn = timed(state, now)
  return { ...turn, timers: { ...turn.timers, ...timers }, parts, send, index: indexOf(state) }
}

/** The turn with the timer for the next minute, or for the end of an idle queue. */
function timed(state: QueueState, now: number): QueueTurn {
  const isAlone = state.active.length === 0 && state.waiting === 0 && state.debounced === undefined
  const at = nextMinute(state) ?? (isAlone ? endOfMinute(state) : undefined)
  const minute = at === undefined ? null : { delay: Math.max(1, at - now), body: { type: 'minute' } }
  return { state, timers: { minute } }
}

function withWaiting(state: QueueState, of: string): { readonly state: QueueState; readonly parts: Parts } {
  const { tail } = state
  return {
    state: { ...state, tail: tail + 1, waiting: state.waiting + 1 },
    parts: { [waitPart(tail)]: of, [placePart(of)]: tail },
  }
}

/** The open work of the key: that with a slot, the first that waits, and the one that waits for others. */
async function openWork(state: QueueState, { part }: Effects): Promise<readonly string[]> {
  const { active, head, tail } = state
  const found: string[] = [...active]
  for (let n = head; n < Math.min(tail, head + MAX_LOOKED_AT); n++) {
    const of = (await part(waitPart(n))) as string | undefined
    if (of !== undefined) found.push(of)
  }
  return [...found, ...debouncedIn(state)]
}

const debouncedIn = ({ debounced }: QueueState) => (debounced === undefined ? [] : [debounced])
const indexOf = ({ owner, key }: QueueState) => ({ ...ownerField(owner), name: key })
const isSameKind = (one: string, other: string) => parseRef(one).kind === parseRef(other).kind

function startNow(of: string): Send {
  const to = parseRef(of)
  return { to, body: START_NOW, correlationId: to.key }
}

function replacedBy(replaced: string, by: string): Cancellation {
  const of = parseRef(replaced)
  return { of, correlationId: of.key, reason: `the ${textOf(by)} of the same key replaces it` }
}

function keyBusy(key: string, open: string): Problem {
  const { key: id } = parseRef(open)
  const busy = new TerminalError(`The key ${JSON.stringify(key)} is busy: the ${textOf(open)} is open.`, {
    code: 'queue_busy',
    hint: `To see it: antiphon why ${id}`,
    data: { [wordOf(open)]: id },
  })
  return problemOf(busy)
}

const wordOf = (of: string) => (parseRef(of).kind === KIND.goal ? 'goal' : 'run')
const textOf = (of: string) => `${wordOf(of)} ${parseRef(of).key}`

const QUEUE_FULL = busyProblem(`${MAX_WAITING} runs and goals of this key wait already`)
