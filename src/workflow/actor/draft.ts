import type { Json } from '../../kernel/json.ts'
import { isWithinSize, KERNEL_LIMITS } from '../../kernel/limits.ts'
import type { ActorIndex, Cancellation, Effects, Send, Timer, Turn } from '../../kernel/types.ts'
import type { StartPart } from '../../run/run.ts'
import type { QuickSteps } from '../../step/batch/quick-steps.ts'
import type { EndedStep } from '../../step/record/outcome.ts'
import type { WorkflowServices } from '../live/services.ts'
import type { WorkflowExecution } from '../replay/execution.ts'
import { type RecordedOperation, type StoredRecord, type TurnRecord, turnPart } from '../replay/history.ts'
import type { WorkflowOperation } from '../replay/operation.ts'
import type { WorkflowState } from '../replay/state.ts'

/** A turn of a run in the making. */
export type TurnDraft = {
  readonly services: WorkflowServices
  readonly effects: Effects
  readonly quick: QuickSteps
  readonly start: StartPart
  readonly parts: { [name: string]: Json | null }
  readonly events: Json[]
  readonly cancel: Cancellation[]
  readonly send: Send[]
  readonly timers: { [name: string]: Timer | null }
  /** the part that records of the history share: a quick turn makes one for each of its steps; not with a loop */
  readonly record: { part?: string; hasLoop?: boolean }
}

/** A turn in which nothing has happened yet. */
export function newDraft(of: Pick<TurnDraft, 'services' | 'effects' | 'quick' | 'start'>): TurnDraft {
  return { ...of, parts: {}, events: [], cancel: [], send: [], timers: {}, record: {} }
}

/** A draft that goes on from another one, which stays as it is. */
export function copyOf(draft: TurnDraft): TurnDraft {
  const { parts, events, cancel, send, timers, record } = draft
  return {
    ...draft,
    parts: { ...parts },
    events: [...events],
    cancel: [...cancel],
    send: [...send],
    timers: { ...timers },
    record: { ...record },
  }
}

/** Lets the run go on in a turn of its own, once. */
export function lookAgain({ send, effects: { self } }: TurnDraft): void {
  const isDue = send.some(({ to, body }) => to === self && (body as { readonly type?: unknown }).type === 'code')
  if (!isDue) send.push({ to: self, body: { type: 'code' }, type: 'event' })
}

export function turnOf({ parts, events, cancel, send, timers }: TurnDraft, state: WorkflowState, index: ActorIndex) {
  return { state, parts, events, cancel, send, timers, index } satisfies WorkflowTurn
}

export type WorkflowTurn = Turn<WorkflowState> & { readonly state: WorkflowState }

/** The ends of steps that come with a message, by their ids. */
export type Ends = ReadonlyMap<string, EndedStep>

export const timerOf = (number: number): string => `sleep-${number}`

/** The largest record that shares a part: the rounds of a turn fit in it. */
const SHARED_SIZE = KERNEL_LIMITS.body / 256

const isLoop = ({ type }: WorkflowOperation) => type === 'loop'

/** Writes the next record of the history: what was handed out, and the operations that began behind number `from`. */
export function writeRecord(
  { parts, record: shared }: TurnDraft,
  execution: WorkflowExecution,
  from: number,
  given: Pick<TurnRecord, 'outcomes' | 'turn'>,
): void {
  const begun = execution.operations.slice(from)
  const recordOf = (operations: readonly RecordedOperation[]) => ({ now: execution.now, ...given, operations }) as Json
  const operations = begun.map(
    ({ type, id, at }): RecordedOperation => (at === undefined ? [type, id] : [type, id, at]),
  )
  const whole = recordOf(operations)
  const number = execution.record++
  // an iteration of a loop drops records by their numbers
  shared.hasLoop = (shared.hasLoop ?? execution.operations.some(isLoop)) || begun.some(isLoop)
  const mayShare = !shared.hasLoop && isWithinSize(whole, SHARED_SIZE)
  const before = mayShare && shared.part !== undefined ? (parts[shared.part] as StoredRecord | undefined) : undefined
  if (before) {
    parts[shared.part!] = { ...before, more: [...(before.more ?? []), [given.outcomes, operations]] } as Json
    return
  }
  const part = turnPart(number)
  if (mayShare) shared.part = part
  else delete shared.part
  // thousands of operations have their names, and no places
  const isShort = mayShare || isWithinSize(whole, KERNEL_LIMITS.body)
  parts[part] = isShort ? whole : recordOf(begun.map(({ type, id }) => [type, id]))
}
