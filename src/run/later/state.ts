import { InvalidError } from '../../errors.ts'
import type { Json } from '../../kernel/json.ts'
import { nameOf, parseRef } from '../../kernel/ref.ts'
import type { ActorIndex, ActorRef, Send } from '../../kernel/types.ts'
import { type RunHead, runIndex } from '../run.ts'
import type { FirstRunMessage, StartLater } from './messages.ts'

/**
 * How a run stands that was to begin later. `timed`: it begins at `at`. `queued`: it waits for a slot. `starting`: its
 * first message, of that type, is under way. `begun`: it has begun, and holds a slot. `never`: it ended before it
 * began. The fields of its executor are those of a new run, except while it is `begun`.
 */
export type LaterState =
  | { readonly phase: 'timed'; readonly at: number; readonly queue?: string }
  | { readonly phase: 'queued'; readonly queue: string }
  | { readonly phase: 'starting'; readonly type: string; readonly queue?: string }
  | { readonly phase: 'begun'; readonly queue: string }
  | { readonly phase: 'never' }

/** The cell of a run, as a start that comes later changes it. */
export type LaterRun = RunHead & { readonly later?: LaterState }

/** The parts of a run that has not begun: its first message, which one that never begins keeps, and early signals. */
export const LATER_PART = 'later'
export const EARLY_PART = 'early'

/** The message that begins a run, and its queue and trace, as a part of the run. */
export type KeptStart = {
  readonly start: FirstRunMessage
  readonly queue?: NonNullable<StartLater['queue']>
  readonly trace?: string
}

/** Whether a run has nothing of its executor: it has not begun, or ended before. */
export function isBeforeBegin(state: Json | RunHead | undefined): boolean {
  const { later } = (state ?? {}) as Partial<LaterRun>
  return later !== undefined && later.phase !== 'begun'
}

/** The index of a run that has not begun. Lists and the engine read from it when it begins. */
export function laterIndex(run: LaterRun, { start, trace }: Partial<KeptStart>): ActorIndex {
  const index = runIndex(run, { ...(start as object | undefined), ...(trace !== undefined && { trace }) })
  const { later } = run
  if (later?.phase === 'timed') return { ...index, later: later.phase, until: later.at }
  if (later?.phase === 'queued') return { ...index, later: later.phase, waits: later.queue }
  return index
}

/** The queue that a run is in, or enters. */
export const queueIn = (later: LaterState | undefined): string | undefined =>
  later && 'queue' in later ? later.queue : undefined

/** Messages of a run or a goal to its queue are not of its work: its cancellation does not drop them. */
export function toQueue(queue: string, self: ActorRef, body: object): Send {
  return { to: parseRef(queue), body: { of: nameOf(self), ...body } as Json, correlationId: `${self.key}#queue` }
}

/** Frees the slot or the place of a run or a goal. */
export const leaveQueue = (queue: string | undefined, self: ActorRef): readonly Send[] =>
  queue === undefined ? [] : [toQueue(queue, self, { type: 'leave' })]

/** The error for a run that has nothing to show or to repeat yet. */
export const runNotBegun = (run: string): InvalidError =>
  new InvalidError(`The run ${run} has not begun.`, {
    code: 'run_not_begun',
    hint: `To see when it begins: antiphon why ${run}`,
  })
