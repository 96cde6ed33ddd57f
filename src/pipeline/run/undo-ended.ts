import { stepRef } from '../../house/actors.ts'
import type { ActorRef, Effects, Send, Turn } from '../../kernel/types.ts'
import { NOTHING_UNDONE, type UndoEnd } from '../../run/messages.ts'
import { readStart } from '../../run/start.ts'
import { encodeEvent } from '../../step/messages/codec.ts'
import type { UndoProgress } from '../../step/messages/step-end.ts'
import { UNDO_STEP } from '../../step/messages/step-start.ts'
import { stepPartName } from '../../step/record/outcome.ts'
import type { ValueStore } from '../../step/values.ts'
import { createDraft } from '../graph/draft.ts'
import { recordCompensation } from '../graph/end-run.ts'
import { PIPELINE_WORK, type PipelineUndoStart } from '../plan/messages/step-order.ts'
import { openPipeline } from '../plan/open-pipeline.ts'
import type { RunState } from '../plan/run-state.ts'

/** The part of an ended run whose steps are being undone: the caller, and the counts so far. */
const UNDO_PART = 'undo'
type UndoPart = Pick<UndoEnd, 'undone' | 'failed'> & { readonly replyTo: ActorRef }

/** Starts the step that compensates the others. */
export async function startCompensation(
  { pipeline, startedAt, owner }: RunState,
  { self, part }: Pick<Effects, 'self' | 'part'>,
): Promise<Send> {
  const { granted, untrusted, chosenByModel, workFor } = await readStart({ part })
  // without `foreign`: the tool was allowed to do what is undone
  const starter = {
    ...(owner !== undefined && { owner }),
    ...(granted && { granted }),
    ...(untrusted && { untrusted }),
    ...(chosenByModel && { chosenByModel }),
    ...(workFor && { workFor }),
  }
  const run = { id: self.key, startedAt, ...starter }
  const body: PipelineUndoStart = { type: 'undo', work: { type: PIPELINE_WORK, order: { pipeline } }, run, from: 0 }
  return { to: stepRef(self.key, UNDO_STEP), body, replyTo: self }
}

/** Begins to undo the finished steps of a run that has ended. The goal gets one reply when all are undone. */
export async function undoEndedRun(state: RunState, effects: Effects): Promise<Turn<RunState>> {
  // its own pipeline has undone its steps
  if (state.compensation === 'begun') return { reply: NOTHING_UNDONE }
  const begun: UndoPart = { replyTo: effects.message.replyTo!, undone: 0, failed: 0 }
  return {
    state: { ...state, compensation: 'begun' },
    parts: { [UNDO_PART]: begun },
    send: [await startCompensation(state, effects)],
  }
}

/** Records which steps of an ended run were undone, and replies after the last one. */
export async function recordLateUndo(
  values: ValueStore,
  state: RunState,
  progress: UndoProgress,
  effects: Effects,
): Promise<Turn<RunState>> {
  const begun = (await effects.part(UNDO_PART)) as UndoPart | undefined
  if (!begun) return {}
  const pipeline = await openPipeline(values, state.pipeline)
  const names = progress.steps.map(({ step }) => stepPartName(step))
  const parts = Object.fromEntries(await Promise.all(names.map(async (name) => [name, await effects.part(name)])))
  const draft = createDraft(pipeline, state, parts, effects.message.createdAt)
  recordCompensation(draft, progress)
  const undone = begun.undone + progress.steps.filter((step) => step.undone).length
  const failed = begun.failed + progress.steps.filter((step) => !step.undone).length
  const { replyTo } = begun
  const end: UndoEnd = { type: 'undo-end', undone, failed }
  return {
    events: draft.events.map(encodeEvent),
    parts: { ...draft.changed, [UNDO_PART]: progress.last ? null : { replyTo, undone, failed } },
    ...(progress.last && { send: [{ to: replyTo, body: end, type: 'response' }] }),
  }
}
