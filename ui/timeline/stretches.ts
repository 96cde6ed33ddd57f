import type { StepRow } from '../../src/client.ts'

/** A span of time, in ms since the epoch. */
export type Span = { readonly from: number; readonly to: number }

/**
 * A stretch of the time of a step. `place`: it was ready, and waited for its turn or for a place in a pool · `work`: an
 * attempt · `pause`: before another attempt · `off`: its process had ended · `person`, `money`, `code`: it waited for
 * somebody · `sleep`: its workflow wanted to wait.
 */
export type Stretch = Span & {
  readonly kind: 'place' | 'work' | 'pause' | 'off' | 'person' | 'money' | 'code' | 'sleep'
  /** the number of the attempt, if there were several; of a pause: that before it; `code`: why it failed */
  readonly attempt?: number
  readonly code?: string
}

type Attempt = StepRow['attempts'][number]

/** The stretches of a step from the moment when it was ready, in order and without gaps. Pure. */
export function stretchesOf(step: StepRow, readyAt: number, { from, to }: Span): readonly Stretch[] {
  if (step.status === 'skipped' || step.status === 'cancelled') return []
  const hasEnded = step.completed_at !== null
  if (!hasEnded && step.ready_at === null) return []
  const ready = within(readyAt, from, to)
  const end = hasEnded ? within(timeIn(step.completed_at) ?? to, ready, to) : to
  const wait = workflowWait(step)
  if (wait) return [{ kind: wait, from: ready, to: end }]
  const stretches = new Stretches(ready, end)
  const attempts = attemptsOf(step)
  for (const [index, attempt] of attempts.entries()) addAttempt(stretches, step, attempt, attempts[index - 1])
  if (stretches.at < end) stretches.add(openKind(step), end)
  return stretches.all
}

/** The attempts of a row. If the row of an ended step lacks the last one, the times of the step make it. */
function attemptsOf({ attempts, status, completed_at, started_at, duration }: StepRow): readonly Attempt[] {
  if (attempts.at(-1)?.ms === null && attempts.at(-1)?.code === null) return attempts
  if (completed_at === null) return attempts
  const isTold = attempts.at(-1)?.started_at === started_at && started_at !== null
  const ms = duration === null ? null : duration * 1000
  const last = { attempt: attempts.length + 1, started_at, ms, code: null, message: null }
  return isTold || status === 'skipped' ? attempts : [...attempts, last]
}

function addAttempt(stretches: Stretches, step: StepRow, attempt: Attempt, before: Attempt | undefined): void {
  const { started_at, ms, code } = attempt
  const isLast = ms === null ? code === null : started_at === step.started_at && step.completed_at !== null
  // a step that asks a person may count as started while it waits
  const said = isLast ? (step.said ?? []).map((answer) => answer.at) : []
  const started = timeIn(started_at)
  if (started === undefined && !isLast) return
  const begun = Math.max(started ?? stretches.at, ...said)
  const isAgain = before !== undefined || (isLast && step.retries > 0)
  const failed = before?.code && before.code !== 'cut_off' ? { attempt: before.attempt, code: before.code } : {}
  stretches.add(said.length > 0 ? 'person' : gapKind(before, isAgain), begun, failed)
  const queued = isLast ? (step.queued ?? 0) * 1000 : 0
  if (queued > 0) stretches.add('place', stretches.at + queued)
  const end = isLast ? stretches.end : begun + (ms ?? 0)
  const isRepeated = before !== undefined || code !== null
  stretches.add(ms === null && waitsForPlace(step) ? 'place' : 'work', end, {
    ...(isRepeated && { attempt: attempt.attempt }),
    ...(code !== null && { code }),
  })
}

/** Whether the attempt of a running step waits for a place in a pool. */
const waitsForPlace = ({ waits_for }: StepRow): boolean => waits_for === 'pool'

/** The status of a step in one word. A running step whose attempt has no place in a pool yet does not work. */
export const statusOf = (step: StepRow): string => (waitsForPlace(step) ? 'queued' : step.status)

/** Statuses, the one first that a person looks for. */
const ORDER = ['failed', 'waiting', 'running', 'cancelled', 'queued', 'completed', 'skipped']

/** How many steps have each status, and the status to look at first. Pure. */
export function countStatuses(steps: readonly StepRow[]) {
  const counts = new Map<string, number>()
  for (const { status } of steps) counts.set(status, (counts.get(status) ?? 0) + 1)
  return { counts, worst: ORDER.find((status) => counts.has(status)) ?? 'queued' }
}

/** Why the next attempt did not begin before. */
function gapKind(before: Attempt | undefined, isAgain: boolean): Stretch['kind'] {
  if (before?.code === 'cut_off') return 'off'
  return isAgain ? 'pause' : 'place'
}

/** Stretches that follow each other until an end. */
class Stretches {
  readonly all: Stretch[] = []
  readonly end: number
  at: number

  constructor(begin: number, end: number) {
    this.at = begin
    this.end = end
  }

  add(kind: Stretch['kind'], until: number, about: Pick<Stretch, 'attempt' | 'code'> = {}): void {
    const to = Math.min(until, this.end)
    // work of no length is a thin bar
    if (to < this.at || (to === this.at && kind !== 'work')) return
    this.all.push({ kind, from: this.at, to, ...about })
    this.at = to
  }
}

/** A workflow waits by an operation of its own, which does nothing else. */
function workflowWait({ tool, action, status }: StepRow): Stretch['kind'] | undefined {
  if (tool !== null || (status !== 'waiting' && status !== 'completed')) return undefined
  return action === 'sleep' ? 'sleep' : action === 'approve' || action === 'signal' ? 'person' : undefined
}

/** The last stretch of a step that has not ended, and of one whose attempts are not told. */
function openKind(step: StepRow): Stretch['kind'] {
  const { status, waits_for = '', retry_at } = step
  if (status === 'queued' || waitsForPlace(step)) return 'place'
  if (status !== 'waiting') return 'work'
  if (waits_for.startsWith('signal:')) return 'person'
  if (waits_for.startsWith('budget:')) return 'money'
  if (waits_for === 'code') return 'code'
  return retry_at === undefined ? 'place' : 'pause'
}

export const loopOf = (id: string): string | undefined => /^(.+)_\d+_/.exec(id)?.[1]

/** When a step was ready. A step in a loop was not ready before its loop began. */
export function readyIn(
  { ready_at }: StepRow,
  loop: string | undefined,
  rows: ReadonlyMap<string, StepRow>,
): number | undefined {
  const own = timeIn(ready_at)
  const around = loop === undefined ? undefined : rows.get(loop)
  const begun = around && (timeIn(around.started_at) ?? readyIn(around, loopOf(around.id), rows))
  return own === undefined || begun === undefined ? own : Math.max(own, begun)
}

export const within = (value: number, low: number, high: number) => Math.min(high, Math.max(low, value))

function timeIn(text: string | null | undefined): number | undefined {
  const time = text == null ? Number.NaN : Date.parse(text)
  return Number.isNaN(time) ? undefined : time
}
