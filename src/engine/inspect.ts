import { isBusy, type Problem } from '../errors.ts'
import type { ActorRef, Cell, EffectOutcome, Envelope } from '../kernel/types.ts'
import type { RunningTurn } from './mailbox.ts'

/**
 * Selects actors by name: one (`kind` and `key`), those of a kind, or all; with one
 * status, or any. `after` is the last name of the page before. A page has at most
 * `limit` actors (100 when absent, 1 000 at most). Only an empty page is the end.
 */
export type InspectQuery = {
  readonly kind?: string
  readonly key?: string
  /** a status as `statusOf` returns it */
  readonly status?: string
  readonly after?: ActorRef
  readonly limit?: number
}

/** The present state of an actor: its durable cell, its waiting mail, and its running turn in this process. */
export type Inspected = {
  readonly of: ActorRef
  /** absent: no commit yet; `peek` shows the state */
  readonly cell?: Omit<Cell, 'state'>
  readonly turn?: InspectedMail
  /** the next 100 messages */
  readonly mail: readonly InspectedMail[]
  /** the number of all waiting messages */
  readonly waiting: number
}

/** A message that is not taken yet; times in ms since the epoch. */
export type InspectedMail = Pick<Envelope, 'id' | 'type' | 'from' | 'correlationId' | 'due' | 'timer'> & {
  /** when it was sent */
  readonly since: number
  /** an earlier process accepted it, and this process has not resumed it */
  readonly held?: true
  readonly effect?: InspectedEffect
}

type InspectedEffect = {
  readonly name: string
  /** the attempt under way, or the next one */
  readonly attempt: number
  /** when that attempt began; absent: it does not run in this process */
  readonly since?: number
  /** when it is due */
  readonly until?: number
  /** why the attempt before it failed */
  readonly problem?: Problem
}

const MAX_MAIL_SHOWN = 100
const MAX_ACTORS_SHOWN = 1000

/** The page size of an inspection. */
export const inspectLimit = ({ limit = 100 }: InspectQuery): number => Math.max(0, Math.min(MAX_ACTORS_SHOWN, limit))

/** The number of actors to read at once: more than a page when a status filters the actors. */
export function inspectReadSize(query: InspectQuery): number {
  return query.status === undefined ? inspectLimit(query) : MAX_ACTORS_SHOWN
}

/** The status that an actor reports, else its activity. */
export function statusOf({ cell, turn, mail }: Inspected): string {
  if (cell && cell.status !== 'live') return cell.status
  const reported = cell?.index?.status
  if (typeof reported === 'string') return reported
  if (turn) return 'working'
  if (mail.some(({ held }) => held)) return 'left'
  return mail.length > 0 || cell?.index?.waits !== undefined ? 'waiting' : 'idle'
}

export function matchesStatus({ status }: InspectQuery, actor: Inspected): boolean {
  return status === undefined || statusOf(actor) === status
}

type Outcomes = ReadonlyMap<string, EffectOutcome> | undefined
type Item = { readonly envelope: Envelope; readonly outcomes?: Outcomes }

/** The state of an actor at one moment, as its engine sees it. */
export type ActorSnapshot = {
  readonly of: ActorRef
  readonly cell: Cell | undefined
  readonly running: (RunningTurn & { readonly mail: Item }) | undefined
  /** waiting mail, timers, and mail of an earlier process that was not resumed */
  readonly queue: readonly Item[]
  readonly asleep: readonly Item[]
  readonly held: readonly Item[]
  /** the number of further waiting messages, which were not read */
  readonly unread?: number
}

/** An actor as a view shows it; undefined when there is no data of it. */
export function inspectSnapshot({
  of,
  cell,
  running,
  queue,
  asleep,
  held,
  unread = 0,
}: ActorSnapshot): Inspected | undefined {
  const isLive = ({ envelope: { timer, id } }: Item) => timer === undefined || cell?.timers[timer] === id
  const due = asleep.filter(isLive).sort((a, b) => a.envelope.due! - b.envelope.due!)
  const left = held.filter(isLive)
  const waiting = queue.length + due.length + left.length + unread
  if (!cell && !running && waiting === 0) return undefined
  const mail = [
    ...[...queue, ...due].map((item) => mailOf(item)),
    ...left.map((item) => ({ ...mailOf(item), held: true as const })),
  ]
  return {
    of,
    ...(cell && { cell: withoutState(cell) }),
    ...(running && { turn: mailOf(running.mail, running) }),
    mail: mail.slice(0, MAX_MAIL_SHOWN),
    waiting,
  }
}

function withoutState({ state: _, ...cell }: Cell): Omit<Cell, 'state'> {
  return cell
}

function mailOf({ envelope, outcomes }: Item, running?: RunningTurn): InspectedMail {
  const { id, type, from, correlationId, createdAt, due, timer } = envelope
  const effect = effectOf(outcomes, running)
  return {
    id,
    type,
    from,
    correlationId,
    since: createdAt,
    ...(due !== undefined && { due }),
    ...(timer !== undefined && { timer }),
    ...(effect && { effect }),
  }
}

/** The journal counts failed attempts. A rejection by a busy pool is not an attempt. */
function effectOf(outcomes: Outcomes, running: RunningTurn | undefined): InspectedEffect | undefined {
  const first = running?.effects[0]
  const name = first ? nameOf(first.key) : unfinished(outcomes)
  if (!name) return undefined
  const failures = [...(outcomes ?? [])].flatMap(([key, outcome]) =>
    nameOf(key) === name && 'error' in outcome ? [outcome.error] : [],
  )
  const problem = failures.at(-1)
  return {
    name,
    attempt: 1 + failures.filter((failure) => !isBusy(failure)).length,
    ...timesOf(running),
    ...(problem && { problem }),
  }
}

function timesOf(running: RunningTurn | undefined): Pick<InspectedEffect, 'since' | 'until'> {
  if (running?.until !== undefined) return { until: running.until }
  const first = running?.effects[0]
  return first ? { since: first.since } : {}
}

/** An effect that began or failed and has no value yet. */
function unfinished(outcomes: Outcomes): string | undefined {
  const all = [...(outcomes ?? [])]
  const ended = new Set(all.flatMap(([key, outcome]) => (isLast(key, outcome) ? [nameOf(key)] : [])))
  return all.map(([key]) => nameOf(key)).findLast((name) => !ended.has(name))
}

function isLast(key: string, outcome: EffectOutcome): boolean {
  return 'value' in outcome ? !key.endsWith(BEGIN) : outcome.directive?.type !== 'retry'
}

/** Whether an at-most-once effect began, and has no outcome: it is not known whether it took place. */
export function isCutOff(outcomes: Outcomes): boolean {
  if (!outcomes) return false
  return [...outcomes.keys()].some((key) => key.endsWith(BEGIN) && !outcomes.has(key.slice(0, -BEGIN.length)))
}

const BEGIN = '#begin'

// keys in the journal: `name`, `name#2` for the second attempt, `name#begin` before an effect that must not be repeated
const nameOf = (key: string) => key.slice(0, Math.max(0, `${key}#`.indexOf('#')))
