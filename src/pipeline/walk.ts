import { type Problem, problemOf } from '../errors.ts'
import { isInterruption } from '../kernel/interrupt.ts'
import type { Json } from '../kernel/schema.ts'
import type { Call, Effects, Turn } from '../kernel/types.ts'
import { putQuestion } from './ask.ts'
import { askerIn, askFirst, isQuestion, type Told, withUses } from './auto/asking.ts'
import { askTurning } from './auto/turning.ts'
import { type CompiledPipeline, stepOf } from './compiled.ts'
import { instanceId, parseInstance } from './instance.ts'
import { type Pausing, pause } from './later.ts'
import type { StepEnd, StepStart } from './messages.ts'
import { opener, rescue } from './rescue.ts'
import { nextOf, startNext } from './segment.ts'
import type { StepState } from './step.ts'
import type { Ref } from './values.ts'
import { type Ask, type Ended, execute, type Later, type OpenPipeline } from './work/execute.ts'
import type { PipelineServices } from './work/job.ts'
import { type ModelUse, withFailed } from './work/model-use.ts'
import type { Paces } from './work/pace.ts'
import { prepareUndo } from './work/prepare.ts'
import { executeUnlessRecorded } from './work/reuse.ts'

/** What steps are done with, and how quick that has been. */
export type Hands = { readonly services: PipelineServices; readonly paces: Paces }

/** Does a step, and in the same turn those behind it while each is known to be quick: so a slow one is always told of when it starts. */
export async function walk(
  hands: Hands,
  first: StepStart,
  effects: Effects,
  paused?: Pausing,
): Promise<Turn<StepState>> {
  const ends: StepEnd[] = []
  const open = opener(hands.services, first)
  const reads = first.reads === 'parts' ? {} : { ...first.reads }
  for (let start = first; ; ) {
    const told: Told = start.asks ? await askFirst({ ...hands, open, start }, effects) : { start }
    const stride: Stride = { ...hands, open, start: told.start, done: ends.length, ...(paused && { paused }) }
    let outcome: Attempted = told.problem
      ? { end: failedEnd(told.start.step, told.problem) }
      : await (told.start.undoable ? attemptUndoable : attempt)(stride, effects)
    if ('type' in outcome) return leave(stride, outcome, effects)
    if (outcome.end.status === 'failed') outcome = { end: await rescue(stride, outcome.end, effects) }
    const end = askTurning(stride, withUses(outcome.end, told), effects)
    ends.push(end instanceof Promise ? await end : end)
    if (outcome.next === undefined) return answer(ends, paused)
    const opened = open()
    start = startNext(opened instanceof Promise ? await opened : opened, start, outcome.end, outcome.next, reads)
  }
}

/** The step is not done yet: it waits for an answer, or for its next attempt. */
async function leave(stride: Stride, outcome: Ask | Later, effects: Effects): Promise<Turn<StepState>> {
  const { start, paused } = stride
  const { message } = effects
  const run = paused?.run ?? message.replyTo!
  const work = paused?.work ?? message.correlationId
  if (outcome.type === 'later') return pause(start, outcome, { run, work, key: keyOf(stride, effects) }, effects)
  return putQuestion(start, outcome, { run, work }, effects)
}

function answer(ends: readonly StepEnd[], paused: Pausing | undefined): Turn<StepState> {
  if (!paused) return { reply: replyOf(ends), stop: true }
  const { run: to, work: correlationId } = paused
  return { send: [{ to, body: replyOf(ends), type: 'response', correlationId }], stop: true }
}

function replyOf(ends: readonly StepEnd[]): Json {
  return (ends.length === 1 ? ends[0] : { type: 'segment-end', ends }) as Json
}

/** How a step ends whose failure nobody could account for. */
export function failedEnd(step: string, problem: Problem): StepEnd {
  return { type: 'step-end', step, status: 'failed', attempts: 1, ms: 0, problem }
}

/** What a step came to, and which one its turn goes on with: kept together, so that a replay goes the same way. */
type Attempted = Ask | Later | { readonly end: StepEnd; readonly next?: string | undefined }

/** One step of a turn that has done others before it. */
type Stride = Hands & {
  readonly open: OpenPipeline
  readonly start: StepStart
  readonly done: number
  /** it was tried in earlier turns */
  readonly paused?: Pausing
}

async function attemptUndoable(stride: Stride, effects: Effects): Promise<Attempted> {
  const memo = await prepare(stride, effects)
  const attempted = await attempt(stride, effects)
  if (!memo) return attempted
  if ('type' in attempted) return attempted.type === 'later' ? { ...attempted, memo } : attempted
  return attempted.end.status === 'failed' ? attempted : { ...attempted, end: { ...attempted.end, memo } }
}

/** Kept before the first attempt: a later one might find what that one left. */
async function prepare(stride: Stride, effects: Effects): Promise<Ref | undefined> {
  const { paused, services, open, start } = stride
  if (paused) return paused.memo
  try {
    const act = (call: Call) => prepareUndo({ services, open, start, call, emit: effects.emit }) as Promise<Json>
    return ((await effects.run<Json>(nameIn(stride, 'prepare'), act)) as Ref | null) ?? undefined
  } catch (error) {
    if (isInterruption(error)) throw error
    // the step itself will say what is wrong; without this it cannot be undone, which is said then
    return undefined
  }
}

function attempt(stride: Stride, effects: Effects): Promise<Attempted> {
  const { start } = stride
  const spent: ModelUse[] = [...(stride.paused?.models ?? [])]
  const act = (call: Call) => executeOne(stride, call, effects, spent)
  return effects.run<Json>(nameIn(stride), act, { effect: start.effect }).then(
    (kept) => attempted(start, kept as unknown as Kept, keyOf(stride, effects)),
    (error) => {
      if (isInterruption(error)) throw error
      return { end: failedEnd(start.step, problemOf(error)) }
    },
  )
}

const nameIn = ({ start, done }: Stride, effect = EXECUTE) => (done === 0 ? effect : `${effect}:${start.step}`)

/** The key of its call, the same over all attempts. */
function keyOf(stride: Stride, { message }: Effects): string {
  return stride.paused?.key ?? `${message.id}/${nameIn(stride)}`
}

const EXECUTE = 'execute'

/** The step that an effect of a step's turn does; undefined when it is another kind of effect. */
export function stepAtWork(first: string, effect: string): string | undefined {
  if (effect === EXECUTE) return first
  if (isQuestion(effect)) return askerIn(effect)
  return effect.startsWith(`${EXECUTE}:`) ? effect.slice(EXECUTE.length + 1) : undefined
}

/** What is journaled of a step; by code that knew no segments: its end as its run is told of it. */
type Kept = Ask | Later | StepEnd | { readonly end: Ended; readonly next?: string }

function attempted({ step }: StepStart, kept: Kept, key: string): Attempted {
  if ('type' in kept) return kept.type === 'step-end' ? { end: kept } : kept
  const { end, next } = kept
  return { end: { type: 'step-end', step, ...end, ...(end.status !== 'skipped' && end.attempts > 0 && { key }) }, next }
}

async function executeOne(
  stride: Stride,
  { signal, attempt }: Call,
  effects: Effects,
  spent: ModelUse[],
): Promise<Json> {
  const { services, open, start, done, paused } = stride
  const before = paused?.attempts ?? 0
  const call = { signal, attempt: before + attempt, idempotencyKey: keyOf(stride, effects) }
  const trial = { services, open, start, call, emit: effects.emit, spent, ...(done === 0 && { before }) }
  const outcome = await (start.recorded ? executeUnlessRecorded(trial, start.recorded) : execute(trial))
  if ('type' in outcome) return (outcome.type === 'later' ? withFailed(outcome, spent) : outcome) as Json
  const opened = open()
  const next = start.alone ? quickNext(opened instanceof Promise ? await opened : opened, stride, outcome) : undefined
  return { end: withFailed(outcome, spent), ...(next !== undefined && { next }) } as Json
}

function quickNext(
  pipeline: CompiledPipeline,
  { paces, start, done }: Stride,
  { status, attempts, ms }: Ended,
): string | undefined {
  const { work } = stepOf(pipeline, parseInstance(pipeline, start.step)!.node)
  // what failed or was skipped may not have been done: that makes nothing known as quick, but it may have been slow
  if (attempts > 0 && (status === 'completed' || paces.isQuick(work))) paces.note(work, ms)
  const next = status === 'completed' ? nextOf(pipeline, start, done) : undefined
  return next && paces.isQuick(stepOf(pipeline, next.node).work) ? instanceId(next) : undefined
}
