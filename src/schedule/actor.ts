import { hash, randomBytes } from 'node:crypto'
import { isDeepStrictEqual } from 'node:util'
import { z } from 'zod'
import { is, isBusy, NotFoundError, type Problem, problemOf } from '../errors.ts'
import type { Json } from '../kernel/json.ts'
import { defineActor } from '../kernel/turn.ts'
import type { Actor, ActorRef, EffectCall, Effects, Turn } from '../kernel/types.ts'
import { ownerField } from '../lib/owner.ts'
import type { ScheduleDefinition } from './definition.ts'
import { dueNow } from './due.ts'
import { DEFAULT_ZONE, type Instants, instantsOf } from './instants.ts'
import type { Decision, ScheduleState, StoredDecision } from './state.ts'
import { isDecided, lastStarted, NEW_SCHEDULE, withDecisions } from './state.ts'

export const SCHEDULE_KIND = 'schedule'
export const DEFINITION_PART = 'definition'

/** The address of a schedule. Each owner has names of their own. */
export const scheduleRef = (owner: string, name: string): ActorRef => ({ kind: SCHEDULE_KIND, key: `${owner}:${name}` })

/** The owner and the name of a schedule by its key. A name contains no colon. */
export function ownerAndName(key: string): readonly [owner: string, name: string] {
  const colon = key.lastIndexOf(':')
  return [key.slice(0, colon), key.slice(colon + 1)]
}

export interface WorkStarter {
  /** Starts the work under an id, once. */
  start(definition: ScheduleDefinition, id: string, signal: AbortSignal): Promise<void>
  /** Whether work that was started has not ended. */
  isOpen(id: string): Promise<boolean>
  cancel(id: string, reason: string): Promise<void>
}

/** `serves`: this process works in the background. A command that only opens the folder starts nothing. */
type Parts = { readonly starter: () => WorkStarter; readonly serves: () => boolean }

const message = z.discriminatedUnion('type', [
  z.object({ type: z.literal('put'), definition: z.custom<ScheduleDefinition>() }),
  z.object({ type: z.enum(['pause', 'resume', 'remove', 'run', 'due']) }),
])
type ScheduleMessage = z.output<typeof message>

/** A clock that was set, or a machine that slept, is noticed after this time. */
const LOOK_AGAIN_MS = 3_600_000
/** How long a process that does not serve leaves an instant to one that does. */
const LEAVE_MS = 60_000
/** How often the end of open work is looked for: soon after it began, and then less and less. */
const OPEN_MS = { least: 500, most: 10_000 }
/** Starts in one turn. */
const MAX_STARTS = 10
/** Instants that wait for open work. */
const MAX_WAITING = 100
/** Attempts at a start that may succeed later. */
const MAX_ATTEMPTS = 5

/** `schedule/OWNER:NAME`: starts work at its instants, once for each, whatever the process and the clock do. */
export function scheduleActor({ starter, serves }: Parts): Actor<ScheduleState, ScheduleMessage> {
  return defineActor<ScheduleState, ScheduleMessage>({
    kind: SCHEDULE_KIND,
    message,
    initial: () => NEW_SCHEDULE,
    async receive(state, asked, effects) {
      if (asked.type === 'put') return put(state, asked.definition, effects)
      const definition = (await effects.part(DEFINITION_PART)) as ScheduleDefinition | undefined
      if (!definition) return { refuse: problemOf(noSchedule(ownerAndName(effects.self.key)[1])), stop: true }
      const now = await effects.now()
      const instants = await instantsOf(definition, state.anchor)
      const turn = (changed: ScheduleState): Turn<ScheduleState> => turnOf(changed, definition, instants, now)
      switch (asked.type) {
        case 'remove':
          return { reply: null, stop: true }
        case 'pause':
          return { ...turn({ ...leave(state, instants, now, 'paused'), isPaused: true }), reply: null }
        case 'resume':
          // nothing makes up for the time of a pause
          return { ...turn({ ...state, isPaused: false, seen: state.isPaused ? now : state.seen }), reply: null }
        case 'run': {
          const decision = await startAt(
            now,
            'by-hand',
            { nonce: nonceByHand(state, effects) },
            { definition, effects, starter },
          )
          const decisions = withDecisions(state.decisions, [decision])
          const changed = turn({ ...state, decisions })
          return decision.type === 'failed'
            ? { ...changed, refuse: decision.problem }
            : { ...changed, reply: { id: lastStarted(decisions)! } }
        }
        case 'due':
          if (state.isPaused) return {}
          if (!serves()) return { timers: { due: { delay: LEAVE_MS, body: DUE } } }
          return takeUp(state, { definition, instants, now, effects, starter })
      }
    },
  })
}

const DUE = { type: 'due' } as const

export const noSchedule = (name: string): NotFoundError =>
  new NotFoundError(`There is no schedule ${name}.`, { hint: 'To see them: antiphon schedule list' })

/** The same timing keeps its instants: a program may put its schedules at each start. Another one counts from now. */
async function put(
  state: ScheduleState,
  definition: ScheduleDefinition,
  effects: Effects,
): Promise<Turn<ScheduleState>> {
  const now = await effects.now()
  const before = (await effects.part(DEFINITION_PART)) as ScheduleDefinition | undefined
  const parts = { [DEFINITION_PART]: definition as Json }
  if (before && isDeepStrictEqual(before, definition)) return { reply: null }
  if (before && isDeepStrictEqual(timingOf(before), timingOf(definition)))
    return { ...turnOf(state, definition, await instantsOf(definition, state.anchor), now), parts, reply: null }
  const nonce = before ? state.nonce : await effects.run('nonce', () => randomBytes(4).toString('hex'))
  const left = before ? leave(state, await instantsOf(before, state.anchor), now, 'changed') : state
  const changed = { ...left, nonce, anchor: now, seen: now }
  return { ...turnOf(changed, definition, await instantsOf(definition, now), now), parts, reply: null }
}

const timingOf = ({ cron, every, zone = DEFAULT_ZONE }: ScheduleDefinition) => ({ cron, every, zone })

/** Leaves all instants up to now, each with a decision. */
function leave(state: ScheduleState, instants: Instants, now: number, how: 'changed' | 'paused'): ScheduleState {
  if (state.isPaused) return state
  const why = `the schedule was ${how}`
  const due = dueNow(instants, { seen: Math.min(state.seen, now), now }, 'none')
  const left = [...skipAll(state.waiting, now, why), ...due.missed, ...skipAll(due.instants, now, why)]
  return { ...state, seen: now, waiting: [], decisions: withDecisions(state.decisions, left) }
}

const skipAll = (instants: readonly number[], at: number, why: string): readonly StoredDecision[] =>
  instants.length === 0 ? [] : [{ type: 'each', at, instants, why }]

/** The turn that stores a state and waits for the next instant, or for the end of open work. */
function turnOf(
  state: ScheduleState,
  { owner }: ScheduleDefinition,
  instants: Instants,
  now: number,
): Turn<ScheduleState> {
  const { isPaused, waiting, seen } = state
  const at = isPaused ? undefined : instants.next(Math.min(seen, now))
  const delay =
    waiting.length > 0 ? untilLook(state, now) : at === undefined ? undefined : Math.min(at - now, LOOK_AGAIN_MS)
  return {
    state,
    timers: { due: delay === undefined || isPaused ? null : { delay: Math.max(0, delay), body: DUE } },
    index: { ...ownerField(owner), phase: isPaused ? 'paused' : at === undefined ? 'ended' : 'active' },
  }
}

/** A quarter of the time that the open work has taken. */
function untilLook({ decisions }: ScheduleState, now: number): number {
  const began = decisions.findLast((one) => one.type === 'started')?.at ?? now
  return Math.min(OPEN_MS.most, Math.max(OPEN_MS.least, (now - began) / 4))
}

type Deciding = {
  readonly definition: ScheduleDefinition
  readonly instants: Instants
  readonly now: number
  readonly effects: Effects
  readonly starter: () => WorkStarter
}

/** Takes up the instants that are due, and decides on them. */
async function takeUp(state: ScheduleState, deciding: Deciding): Promise<Turn<ScheduleState>> {
  const { definition, instants, now } = deciding
  // a clock that was set back comes to the same instants again
  const due = dueNow(instants, { seen: Math.min(state.seen, now), now }, definition.missed)
  const isNew = (instant: number) => !isDecided(state.decisions, instant) && !state.waiting.includes(instant)
  const waiting = [...state.waiting, ...due.instants.filter(isNew)]
  const taken = { ...state, seen: now, waiting, decisions: withDecisions(state.decisions, due.missed) }
  // what was missed is stored before anything starts
  if (due.missed.length > 0 && waiting.length > 0)
    return { ...turnOf(taken, definition, instants, now), timers: { due: { delay: 0, body: DUE } } }
  return turnOf(await decide(taken, deciding), definition, instants, now)
}

/** Decides on the instants that wait, in their order. */
async function decide(state: ScheduleState, deciding: Deciding): Promise<ScheduleState> {
  const { definition, now, effects, starter } = deciding
  const decisions: StoredDecision[] = []
  let waiting = [...state.waiting]
  let last = lastStarted(state.decisions)
  while (waiting.length > 0 && decisions.length < MAX_STARTS) {
    const [instant, ...later] = waiting as [number, ...number[]]
    const before = last
    const isOpen =
      definition.overlap !== 'allow' &&
      before !== undefined &&
      (await effects.run(`look-${instant}`, () => starter().isOpen(before), { effect: 'idempotent' }))
    if (isOpen && definition.overlap === 'queue') break
    waiting = later
    if (isOpen && definition.overlap === 'skip') {
      decisions.push({ type: 'skipped', at: now, instant, why: `${before} is still open` })
      continue
    }
    if (isOpen) await effects.run(`cancel-${instant}`, () => cancelOpen(starter(), before), { effect: 'idempotent' })
    const decision = await startAt(instant, undefined, state, deciding)
    decisions.push(decision)
    if (decision.type === 'started') last = decision.id
  }
  decisions.push(...skipAll(waiting.splice(MAX_WAITING), now, `${MAX_WAITING} instants wait already`))
  return { ...state, waiting, decisions: withDecisions(state.decisions, decisions) }
}

const cancelOpen = (starter: WorkStarter, id: string) => starter.cancel(id, 'the next instant of its schedule is due')

/** Starts the work of an instant. The same instant has the same id, so a repeated start starts nothing. */
async function startAt(
  instant: number,
  suffix: string | undefined,
  { nonce }: Pick<ScheduleState, 'nonce'>,
  { definition, effects, starter }: Pick<Deciding, 'definition' | 'effects' | 'starter'>,
): Promise<Decision> {
  const [, name] = ownerAndName(effects.self.key)
  const id = [name, stamp(instant), nonce, ...(suffix === undefined ? [] : [suffix])].join('-')
  const act = async (call: EffectCall): Promise<Json> => {
    try {
      await starter().start(definition, id, call.signal)
      return null
    } catch (error) {
      const mayPass = !is(error) || isBusy(problemOf(error)) || problemOf(error).terminal !== true
      if (call.signal.aborted || (mayPass && call.attempt < MAX_ATTEMPTS)) throw error
      return problemOf(error) as Json
    }
  }
  const problem = await effects.run(`start-${instant}`, act, { effect: 'idempotent' })
  const at = await effects.now()
  return problem === null
    ? { type: 'started', at, instant, id }
    : { type: 'failed', at, instant, problem: problem as Problem }
}

/** Two starts by hand in one second may be of two definitions. */
const nonceByHand = ({ nonce }: ScheduleState, { message }: Effects) =>
  hash('sha256', `${nonce}\n${message.id}`).slice(0, nonce.length)

/** An instant as ids show it: `20261127T080000Z`. */
const stamp = (instant: number) => new Date(instant).toISOString().replaceAll(/[-:]|\.\d+/g, '')
