import { endsTurn } from '../../../budget/waiting.ts'
import { errorOf, needOf, type Problem, problemOf } from '../../../errors.ts'
import type { Json } from '../../../kernel/schema.ts'
import type { EffectCall, Effects, Turn } from '../../../kernel/types.ts'
import { startOfNext } from '../../plan/batching.ts'
import { isCompactEnd } from '../../plan/codec.ts'
import { type EncodedStepEnd, failedEnd, type StepEnd } from '../../plan/messages/step-end.ts'
import type { StepStart } from '../../plan/messages/step-start.ts'
import type { ModelUse } from '../../plan/model-use.ts'
import type { ValueRef } from '../../plan/refs.ts'
import type { RetryLater } from '../../plan/step-outcome.ts'
import type { OpenPipeline } from '../attempt.ts'
import { askTurning } from '../auto-tags/dynamic-route.ts'
import { askerIn, askFirst, isQuestion, type Told, withUses } from '../auto-tags/resolve-tags.ts'
import type { PlacedCall } from '../context.ts'
import { execute } from '../execute.ts'
import type { Ask, Outcome } from '../outcome.ts'
import { prepareUndo } from '../recovery/compensate-step.ts'
import { opener, rescue } from '../recovery/recover.ts'
import { executeUnlessRecorded } from '../reuse.ts'
import type { Pausing, StepState } from '../step-state.ts'
import { putQuestion } from '../suspend/await-callback.ts'
import { pause } from '../suspend/await-retry.ts'
import { type Attempted, attempted, type Kept, keptOf } from './journal.ts'
import type { Hands } from './latency.ts'

/** Does a step, and in the same turn those behind it while each is known to be quick: so a slow one is always told of when it starts. */
export async function walk(
  hands: Hands,
  first: StepStart,
  effects: Effects,
  paused?: Pausing,
): Promise<Turn<StepState>> {
  const course: Course = { ends: [], start: first }
  try {
    return await walkOn(hands, course, effects, paused)
  } catch (error) {
    if (needOf(error) === undefined) throw error
    return waitAt(course, problemOf(error), effects, paused)
  }
}

/** How far a turn came: the steps that are done, and the one it is at, with how that ended where only what is behind it is left to do. */
type Course = { readonly ends: EncodedStepEnd[]; start: StepStart; end?: StepEnd | undefined }

async function walkOn(
  hands: Hands,
  course: Course,
  effects: Effects,
  paused: Pausing | undefined,
): Promise<Turn<StepState>> {
  const { ends, start: first } = course
  const { services, paces } = hands
  const open = opener(services, first)
  const whose = whoseIn(paused, effects)
  const reads = first.reads === 'parts' ? {} : { ...first.reads }
  for (let start = first; ; ) {
    course.start = start
    course.end = undefined
    const told: Told = start.asks ? await ask({ ...hands, open, start }, course, effects) : { start }
    course.start = told.start
    const each: Stride = { services, paces, open, start: told.start, done: ends.length, whose }
    const stride = paused && ends.length === 0 ? { ...each, paused } : each
    let outcome: Attempted = await tryStep(stride, told, effects)
    if ('type' in outcome) return leave(stride, outcome, effects)
    course.end = outcome.end
    if (outcome.end.status === 'failed') outcome = { end: await rescue(stride, outcome.end, effects) }
    const asking = askTurning(stride, withUses(outcome.end, told), effects)
    const end = asking instanceof Promise ? await asking : asking
    ends.push(end === outcome.end && outcome.short ? outcome.short : end)
    if (outcome.next === undefined) return answer(ends, paused)
    const opened = open()
    start = startOfNext(opened instanceof Promise ? await opened : opened, start, outcome.end, outcome.next, reads)
  }
}

/** Its answers are kept as they come: who waits for money in between is not told them again. */
function ask(asker: Parameters<typeof askFirst>[0], course: Course, effects: Effects): Promise<Told> {
  const { start } = asker
  const note = (answers: NonNullable<StepStart['answers']>) => {
    course.start = { ...start, answers: [...answers] }
  }
  return askFirst(asker, effects, '', note)
}

function tryStep(stride: Stride, { problem }: Told, effects: Effects): Attempted | Promise<Attempted> {
  const { start, paused } = stride
  if (problem) return { end: failedEnd(start.step, problem) }
  if (paused?.end) return { end: paused.end }
  return (start.undoable ? attemptUndoable : attempt)(stride, effects)
}

/** There is no money for what a step asks a model beside its own work. What is done before it is told, and it begins a turn of its own. */
async function waitAt(
  { ends, start, end }: Course,
  problem: Problem,
  effects: Effects,
  paused: Pausing | undefined,
): Promise<Turn<StepState>> {
  if (ends.length > 0) return answer(ends, paused)
  const { attempts = 0, memo, models } = paused ?? {}
  const later: RetryLater = {
    ...{ type: 'later', delay: 0, problem, attempts },
    ...(memo && { memo }),
    ...(models && { models }),
  }
  const key = paused?.key ?? start.key ?? `${effects.message.id}/${EXECUTE}`
  return pause(start, later, { ...whoseIn(paused, effects), key, ...(end && { end }) }, effects)
}

/** The step is not done yet: it waits for an answer, or for its next attempt. */
async function leave(stride: Stride, outcome: Ask | RetryLater, effects: Effects): Promise<Turn<StepState>> {
  const { start } = stride
  const whose = { ...stride.whose, key: keyOf(stride, effects) }
  return outcome.type === 'later' ? pause(start, outcome, whose, effects) : putQuestion(start, outcome, whose, effects)
}

/** Whom its end is told: of a step that paused, as its first message said. */
function whoseIn(paused: Pausing | undefined, { message }: Effects): Pick<Pausing, 'run' | 'work'> {
  const { run = message.replyTo!, work = message.correlationId } = paused ?? {}
  return { run, work }
}

function answer(ends: readonly EncodedStepEnd[], paused: Pausing | undefined): Turn<StepState> {
  if (!paused) return { reply: replyOf(ends), stop: true }
  const { run: to, work: correlationId } = paused
  return { send: [{ to, body: replyOf(ends), type: 'response', correlationId }], stop: true }
}

function replyOf(ends: readonly EncodedStepEnd[]): Json {
  const isOne = ends.length === 1 && !isCompactEnd(ends[0]!)
  return (isOne ? ends[0] : { type: 'segment-end', ends }) as Json
}

/** One step of a turn that has done others before it. */
export type Stride = Hands & {
  readonly open: OpenPipeline
  readonly start: StepStart
  readonly done: number
  readonly whose: Pick<Pausing, 'run' | 'work'>
  /** it was tried in earlier turns */
  readonly paused?: Pausing
}

async function attemptUndoable(stride: Stride, effects: Effects): Promise<Attempted> {
  const memo = await prepare(stride, effects)
  const attempted = await attempt(stride, effects)
  if (!memo) return attempted
  if ('type' in attempted) return attempted.type === 'later' ? { ...attempted, memo } : attempted
  const { end, next } = attempted
  return end.status === 'failed' ? attempted : { end: { ...end, memo }, next }
}

/** Kept before the first attempt: a later one might find what that one left. */
async function prepare(stride: Stride, effects: Effects): Promise<ValueRef | undefined> {
  const { paused, services, open, start } = stride
  if (paused) return paused.memo
  try {
    const act = (call: EffectCall) =>
      prepareUndo({ services, open, start, call, self: effects.self, emit: effects.emit }) as Promise<Json>
    return ((await effects.run<Json>(nameIn(stride, 'prepare'), act)) as ValueRef | null) ?? undefined
  } catch (error) {
    if (endsTurn(error)) throw error
    // the step itself will say what is wrong; without this it cannot be undone, which is said then
    return undefined
  }
}

function attempt(stride: Stride, effects: Effects): Promise<Attempted> {
  const { start } = stride
  const spent = stride.paused?.models?.slice() ?? []
  const name = nameIn(stride)
  const key = keyOf(stride, effects, name)
  const act = (call: EffectCall) => executeOne(stride, call, effects, key, spent)
  return effects.run<Json>(name, act, { effect: start.effect }).then(
    (kept) => attempted(start, kept as unknown as Kept, key),
    (error) => {
      if (endsTurn(error)) throw error
      return { end: failedEnd(start.step, problemOf(error)) }
    },
  )
}

const nameIn = ({ start, done }: Stride, effect = EXECUTE) => (done === 0 ? effect : nameOf(start, effect))

/** What an effect of one of several steps of a turn is called. */
export const nameOf = ({ step }: StepStart, effect = EXECUTE) => `${effect}:${step}`

/** The key of its call, the same over all attempts. */
function keyOf(stride: Stride, { message }: Effects, name = nameIn(stride)): string {
  const { paused, start, done } = stride
  return paused?.key ?? (done === 0 ? start.key : undefined) ?? `${message.id}/${name}`
}

const EXECUTE = 'execute'

/** The step that an effect of a step's turn does; undefined when it is another kind of effect. */
export function stepAtWork(first: string, effect: string): string | undefined {
  if (effect === EXECUTE) return first
  if (isQuestion(effect)) return askerIn(effect)
  return effect.startsWith(`${EXECUTE}:`) ? effect.slice(EXECUTE.length + 1) : undefined
}

function executeOne(
  stride: Stride,
  { signal, attempt, idempotencyKey: place }: EffectCall,
  effects: Effects,
  key: string,
  spent: ModelUse[],
): Json | Promise<Json> {
  const { start } = stride
  const before = stride.paused?.attempts ?? 0
  const call = { signal, attempt: before + attempt, idempotencyKey: key, place }
  const came = call.attempt === 1 ? start.came : undefined
  if (came?.type === 'thrown') throw errorOf(came.problem)
  if (came?.type === 'later') return keptOf(stride, came, spent)
  return perform(stride, call, effects, spent).then((outcome) => keptOf(stride, outcome, spent))
}

/** One attempt at a step, or what is recorded of it. */
export function perform(
  { services, open, start, done, paused }: Omit<Stride, 'paces' | 'whose'>,
  call: PlacedCall,
  { self, emit }: Pick<Effects, 'self' | 'emit'>,
  spent: ModelUse[],
): Promise<Outcome> {
  const before = paused?.attempts ?? 0
  const each = { services, open, start, call, self, emit, spent }
  const trial = done === 0 ? { ...each, before } : each
  return start.recorded ? executeUnlessRecorded(trial, start.recorded) : execute(trial)
}
