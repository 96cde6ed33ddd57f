import type { Json } from '../../kernel/schema.ts'
import { decodeStep, encodeStep } from '../../pipeline/plan/codec.ts'
import { stepPartName } from '../../pipeline/plan/instance.ts'
import { type EndedStep, hasEnded } from '../../pipeline/plan/step-outcome.ts'
import { runIndex } from '../../run/run.ts'
import type { WorkflowState } from '../replay/state.ts'
import { undoneBy, undoStepOf } from '../replay/undo-step.ts'
import { type TurnDraft, turnOf, type WorkflowTurn } from './draft.ts'
import { finish } from './finish.ts'
import { recordStart, startMessage } from './start-operations.ts'

/** Undoes the next step, one after another; after the last one the run ends. */
export async function undoNext(draft: TurnDraft, state: WorkflowState): Promise<WorkflowTurn> {
  const { undoing, ...workflow } = state.workflow
  const [id, ...left] = undoing!.left
  if (id === undefined) return finish(draft, { ...state, workflow }, undoing!.end)
  const step = undoStepOf(id)
  const work = { type: 'code', action: 'undo' } as const
  const policy = { effect: 'idempotent', attempts: 3 } as const
  const run: WorkflowState = { ...state, inFlight: [step], workflow: { ...workflow, undoing: { ...undoing!, left } } }
  recordStart(draft, step)
  draft.send.push(await startMessage(draft, run, { id: step, work, policy, inputs: {} }))
  const turn = turnOf(draft, run, runIndex(run, draft.start as unknown as Json))
  return { ...turn, events: turn.events.filter(isShown) }
}

// an author did not write the step that undoes: `step-undo` stands for it
const isShown = (event: Json) => undoneBy(String((event as { readonly step?: string }).step ?? '')) === undefined

/** Records whether a step was undone, and goes on with the next one. */
export async function recordUndone(
  draft: TurnDraft,
  state: WorkflowState,
  id: string,
  end: EndedStep,
): Promise<WorkflowTurn> {
  const name = stepPartName(id)
  const part = decodeStep(await draft.effects.part(name))
  const undone = end.status === 'completed'
  const problem = end.status === 'failed' ? end.problem : undefined
  const undo = { undone, ...(problem && { problem }) }
  if (hasEnded(part)) draft.parts[name] = encodeStep({ ...part, undo })
  draft.parts[stepPartName(undoStepOf(id))] = null
  draft.events.push({ type: 'step-undo', step: id, ...undo } as unknown as Json)
  return undoNext(draft, { ...state, inFlight: [] })
}
