import { KIND } from '../../house/actors.ts'
import { clip } from '../../lib/clip.ts'
import type { RunDetails } from '../../run/room/documents.ts'
import { isCallSignal } from '../../step/messages/call-decision.ts'
import { isTurnedAway } from '../../work/turned-away.ts'
import type { Hold, Why } from '../ports/inspector.ts'

type Stands = NonNullable<RunDetails['stands']>
type Cause = { readonly of: string; readonly hold: Hold }

/** Characters of a sentence that come from elsewhere, such as the title of a question. */
const MAX_QUOTE = 160

/**
 * The root cause of an explanation as one sentence: of the waits that it finds, the one that somebody must act on
 * comes first. Undefined if it found nothing. Pure.
 */
export function sayWhy(why: Why): Stands | undefined {
  const causes = causesOf(why)
  const [first] = causes.toSorted((a, b) => rankOf(a) - rankOf(b))
  if (!first) return undefined
  const alike = causes.filter((cause) => rankOf(cause) === rankOf(first)).length - 1
  const { says, ...more } = say(first)
  const queued = more.works ? causes.filter(isQueued).length : 0
  // an explanation names some waits only
  const numberOf = (count: number, noun: string) => (isCut(why) ? 'others' : `${count}${noun}`)
  const others = alike === 0 ? '' : `, and ${numberOf(alike, ' more')} like it`
  return { says: `${says}${others}${queued === 0 ? '' : `; ${numberOf(queued, '')} waiting for a place`}`, ...more }
}

const isCut = ({ more, waitsFor }: Why): boolean => more > 0 || waitsFor.some(isCut)

const isQueued = ({ hold }: Cause) => hold.type === 'effect' && (hold.queued !== undefined || isTurnedAway(hold.effect))

/**
 * Work that has its place goes before work that waits for one: the run does not stand still. No answer counts in a run
 * whose code does not fit.
 */
function rankOf(cause: Cause): number {
  const { hold } = cause
  if (hold.type === 'code' && hold.hint !== undefined) return RANK.signal - 0.5
  if (hold.type === 'signal' && (hold.url || hold.looks)) return RANK.provider
  return RANK[hold.type] + (isQueued(cause) ? 0.5 : 0)
}

/** The holds at the ends of an explanation. */
function causesOf({ of, holds, waitsFor }: Why): readonly Cause[] {
  const own = holds.filter((hold) => hold.type !== 'others' && hold.type !== 'mail').map((hold) => ({ of, hold }))
  const below = waitsFor.flatMap(causesOf)
  if (own.length > 0 || below.length > 0) return [...own, ...below]
  return holds.map((hold) => ({ of, hold }))
}

/** People first, then faults, then what goes on by itself. */
const RANK: { readonly [Type in Hold['type']]: number } = {
  // another run's question would pass for its own
  start: -1,
  queue: -1,
  signal: 0,
  decision: 0,
  goal: 1,
  budget: 1,
  stranded: 2,
  circle: 2,
  failed: 2,
  quarantined: 2,
  halted: 2,
  left: 3,
  code: 4,
  provider: 5,
  overdue: 6,
  effect: 7,
  turn: 8,
  stands: 8.5,
  timer: 9,
  duty: 10,
  mail: 11,
  others: 12,
  history: 12,
  over: 13,
  gone: 14,
}

function say({ of, hold }: Cause): Stands {
  const it = nameOf(of)
  switch (hold.type) {
    case 'start':
      return { says: `${it} begins at ${new Date(hold.until).toISOString()}` }
    case 'queue':
      return { says: sayQueue(it, hold) }
    case 'signal':
      if (hold.looks) return at(`${it} finds out whether its call took place`, hold.since)
      if (hold.url) return at(`${it} waits for a machine (${hold.name})`, hold.since)
      if (isCallSignal(hold.name)) return person(`${it} waits for the decision of a person about its call`, hold.since)
      // most steps wait for a signal of their own name
      return person(`${it} waits for an answer${it.endsWith(` ${hold.name}`) ? '' : ` (${hold.name})`}`, hold.since)
    case 'decision':
      return person(`question ${hold.name} waits for a decision`, hold.since)
    case 'goal':
      return person(`${it}: ${clip(hold.title, MAX_QUOTE)}`, hold.since)
    case 'budget':
      return person(`${it} waits for money: the budget ${hold.name} has too little left`, hold.since)
    case 'code':
      return hold.hint === undefined
        ? at(
            `${it} waits for a process that has ${of.startsWith(`${KIND.phase}/`) ? 'its rules' : 'the code of its tool'}`,
            hold.since,
          )
        : { ...person(`${it} waits for other code. ${hold.title}`, hold.since), ...(hold.hint && { hint: hold.hint }) }
    case 'provider':
      return at(`${it} waits for the provider of its model, and asks again by itself`, hold.since)
    case 'left':
      return { ...at(`${it} was interrupted, and no process works on it`, hold.since), interrupted: true }
    case 'effect':
      return sayEffect(it, hold)
    case 'turn':
      return works(`${it} processes a message`, hold.since)
    case 'overdue':
      return at(`${hold.what} did not stop at its timeout, and holds a place of the pool ${hold.pool}`, hold.since)
    case 'stands':
      return { says: `${it}: ${hold.says}` }
    case 'timer':
      return { says: `${it} waits for a timer until ${new Date(hold.until).toISOString()}` }
    case 'failed':
    case 'quarantined':
    case 'halted':
      return at(`${it} is ${hold.type}${hold.problem ? `: ${clip(hold.problem.message, MAX_QUOTE)}` : ''}`)
    case 'circle':
      return at(
        `the call of ${it} started ${hold.run}, which waits for it: neither ends if the call waits for that run`,
        hold.since,
      )
    case 'stranded':
      return at(`nothing will ever wake ${it}; this is a bug`)
    case 'mail':
      return at(`${it} has messages to read`, hold.since)
    case 'history':
      return at(`${it} has begun ${hold.operations} of ${hold.most} operations`)
    case 'others':
      return at(`${it} waits for other work`, hold.since)
    default:
      return at(`${it} has no work`)
  }
}

function sayQueue(it: string, { key, place, behind, until }: Extract<Hold, { type: 'queue' }>): string {
  if (until !== undefined)
    return `${it} waits until ${new Date(until).toISOString()} for another start of the key ${clip(key, MAX_QUOTE)}`
  const runs = behind.length === 0 ? '' : `, behind ${behind.map(({ id }) => id).join(', ')}`
  return `number ${place ?? 1} in the queue of the key ${clip(key, MAX_QUOTE)}${runs}`
}

function sayEffect(it: string, { effect, queued }: Extract<Hold, { type: 'effect' }>): Stands {
  if (isTurnedAway(effect)) return { says: `${it} waits for a place in a pool` }
  if (effect.until !== undefined) {
    const code = effect.problem ? ` failed with ${effect.problem.code} and` : ''
    return { says: `${it}${code} pauses before attempt ${effect.attempt}` }
  }
  if (!queued) return works(`${it} works${effect.attempt > 1 ? `, attempt ${effect.attempt}` : ''}`, effect.since)
  const { pool, place, of, resource } = queued
  const queue = `${it} is number ${place} of ${of} in the queue of the pool ${pool}`
  return at(resource === undefined ? queue : `${queue}, and waits for ${resource}`, effect.since)
}

const at = (says: string, since?: number): Stands => ({ says, ...(since !== undefined && { since }) })
const works = (says: string, since?: number): Stands => ({ ...at(says, since), works: true })
const person = (says: string, since?: number): Stands => ({ ...at(says, since), person: true })

/** A step without its run, as the page of the run names it. */
function nameOf(of: string): string {
  const [kind, ...rest] = of.split('/')
  const key = rest.join('/')
  if (kind === KIND.step) return `step ${key.slice(key.lastIndexOf('.') + 1)}`
  return kind === KIND.run ? 'the run' : `${kind} ${key}`
}
