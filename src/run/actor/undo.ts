import { errorOf, type Problem, refusal } from '../../errors.ts'
import { stepRef } from '../../house/actors.ts'
import type { JsonObject } from '../../kernel/json.ts'
import type { ActorRef, Effects, Send, Turn } from '../../kernel/types.ts'
import { present } from '../../lib/json/present.ts'
import { decodeStep, encodeEvent, encodeStep } from '../../step/messages/codec.ts'
import { failedEnd, type StepEnd, type UndoProgress } from '../../step/messages/step-end.ts'
import { UNDO_STEP, type UndoStart } from '../../step/messages/step-start.ts'
import { hasEnded, stepPartName } from '../../step/record/outcome.ts'
import type { Death, LanguageTurn } from '../language.ts'
import { NOTHING_UNDONE, type UndoEnd } from '../messages.ts'
import { isFinished, type RunHead, readStart } from '../run.ts'
import { endWaits } from './signals.ts'

/** A run whose completed steps one step of its language undoes. */
type Undoable = RunHead & {
  readonly compensation?: 'due' | 'begun'
  /** it was cancelled, and ends when its steps are undone */
  readonly cancelRequested?: true
}

/** The work of the step that undoes the others. */
type UndoWork = { readonly type: string; readonly order: JsonObject }

/** The part of an ended run whose steps are being undone: the caller, and the counts so far. */
const UNDO_PART = 'undo'
type UndoPart = Pick<UndoEnd, 'undone' | 'failed'> & { readonly replyTo: ActorRef }

/** Starts the step that undoes the others. */
export async function startUndo(
  { startedAt, owner }: RunHead,
  work: UndoWork,
  { self, part }: Pick<Effects, 'self' | 'part'>,
): Promise<Send> {
  const { granted, untrusted, chosenByModel, workFor } = await readStart({ part })
  // without `foreign`: the tool was allowed to do what is undone
  const starter = present({ owner, granted, untrusted, chosenByModel, workFor })
  const body: UndoStart = { type: 'undo', work, run: { id: self.key, startedAt, ...starter }, from: 0 }
  return { to: stepRef(self.key, UNDO_STEP), body, replyTo: self }
}

/** Cancels steps of a run, and undoes the completed ones. The run is over after that. */
export async function cancelAndUndo<State extends Undoable>(
  state: State,
  problem: Problem,
  work: UndoWork,
  { cancel, send = [] }: Pick<Turn<State>, 'cancel' | 'send'>,
  effects: Effects,
): Promise<Turn<State>> {
  if (state.compensation === 'begun') return {}
  const inFlight = [...state.inFlight, UNDO_STEP]
  const run: State = { ...state, compensation: 'begun', cancelRequested: true, inFlight, problem }
  const waits = await endWaits(run, effects)
  const undo = await startUndo(run, work, effects)
  return { state: waits.state, parts: waits.parts, cancel: cancel ?? [], send: [...send, ...waits.send, undo] }
}

/** The refusal to undo the steps of a run whose tools kept no state before them. */
export const notUndoable = (why: string): Problem =>
  refusal({ code: 'no_undo', message: `the run has not recorded the state before its ${why}` })

/** A step that died without an end has failed, and with it the members of its batch: none of them has reported one. */
export async function takeDeath<State extends Undoable>(
  state: State,
  { problem, step, undelivered }: Death,
  effects: Effects,
  fail: (ends: readonly StepEnd[], of: string) => LanguageTurn<State>,
): Promise<Turn<State>> {
  if (step === undefined) {
    if (undelivered !== undefined) throw errorOf(problem)
    return {}
  }
  // the run itself cancelled the step
  if (state.cancelRequested && problem.code === 'cancelled') return {}
  if (isFinished(state))
    return step === UNDO_STEP ? recordLateUndo({ type: 'undone', steps: [], last: true }, effects) : {}
  const part = decodeStep(await effects.part(stepPartName(step)))
  const members = part?.status === 'running' ? (part.members ?? []) : []
  const ends = [step, ...members].map((one) => failedEnd(one, problem))
  return fail(ends, step)
}

/** Begins to undo the finished steps of a run that has ended. The goal gets one reply when all are undone. */
export async function undoEndedRun<State extends Undoable>(
  state: State,
  work: UndoWork,
  effects: Effects,
): Promise<Turn<State>> {
  // it has undone its steps by itself
  if (state.compensation === 'begun') return { reply: NOTHING_UNDONE }
  const begun: UndoPart = { replyTo: effects.message.replyTo!, undone: 0, failed: 0 }
  return {
    state: { ...state, compensation: 'begun' },
    parts: { [UNDO_PART]: begun },
    send: [await startUndo(state, work, effects)],
  }
}

/** Records which steps of an ended run were undone, and replies after the last one. */
export async function recordLateUndo<State extends RunHead>(
  progress: UndoProgress,
  effects: Effects,
): Promise<Turn<State>> {
  const begun = (await effects.part(UNDO_PART)) as UndoPart | undefined
  if (!begun) return {}
  const { parts, events } = await recordUndone(progress, effects)
  const undone = begun.undone + progress.steps.filter((step) => step.undone).length
  const failed = begun.failed + progress.steps.filter((step) => !step.undone).length
  const { replyTo } = begun
  const end: UndoEnd = { type: 'undo-end', undone, failed }
  return {
    events,
    parts: { ...parts, [UNDO_PART]: progress.last ? null : { replyTo, undone, failed } },
    ...(progress.last && { send: [{ to: replyTo, body: end, type: 'response' }] }),
  }
}

export async function recordUndone({ steps }: UndoProgress, { part }: Pick<Effects, 'part'>) {
  const records = steps.map(async ({ step, undone, problem }) => {
    const name = stepPartName(step)
    const ended = decodeStep(await part(name))
    const undo = { undone, ...(problem && { problem }) }
    return hasEnded(ended) ? [[name, encodeStep({ ...ended, undo })] as const] : []
  })
  const events = steps.map(({ step, undone, problem }) =>
    encodeEvent({ type: 'step-undo', step, undone, ...(problem && { problem }) }),
  )
  return { parts: Object.fromEntries((await Promise.all(records)).flat()), events }
}
