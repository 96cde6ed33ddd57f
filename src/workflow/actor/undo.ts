import type { Json } from '../../kernel/json.ts'
import type { RunEnding } from '../../run/actor/end-run.ts'
import { runIndex } from '../../run/run.ts'
import { decodeStep, encodeStep } from '../../step/messages/codec.ts'
import { type EndedStep, hasEnded, stepPartName } from '../../step/record/outcome.ts'
import type { WorkflowState } from '../replay/state.ts'
import { undoneBy, undoStepOf } from '../replay/undo-step.ts'
import { type TurnDraft, turnOf, type WorkflowTurn } from './draft.ts'
import { finish } from './finish.ts'
import { recordStart, startMessage } from './start-operations.ts'

/** The ids in the state of a run, and in one part. */
const LIST_SIZE = 200

const listPart = (number: number) => `undo/${number}`

/** Undoes steps, the newest first, and ends the run then. */
export function undoSteps(
  draft: TurnDraft,
  state: WorkflowState,
  steps: readonly string[],
  end: RunEnding,
): Promise<WorkflowTurn> {
  const left = steps.slice(0, LIST_SIZE)
  const lists = Math.ceil((steps.length - left.length) / LIST_SIZE)
  for (let n = 0; n < lists; n++) {
    const from = LIST_SIZE * (lists - n)
    draft.parts[listPart(n)] = steps.slice(from, from + LIST_SIZE)
  }
  return undoNext(draft, { ...state, workflow: { ...state.workflow, undoing: { left, lists, end } } })
}

/** The steps that are left; those of the next part when the state has no more. */
async function nextSteps({ effects, parts }: TurnDraft, { left, lists = 0, end }: Undoing): Promise<Undoing> {
  if (left.length > 0 || lists === 0) return { left, lists, end }
  const name = listPart(lists - 1)
  const ids = (await effects.part(name)) as readonly string[]
  parts[name] = null
  return { left: ids, lists: lists - 1, end }
}

type Undoing = NonNullable<WorkflowState['workflow']['undoing']>

/** Undoes the next step, one after another; after the last one the run ends. */
async function undoNext(draft: TurnDraft, state: WorkflowState): Promise<WorkflowTurn> {
  const { undoing: before, ...workflow } = state.workflow
  const undoing = await nextSteps(draft, before!)
  const [id, ...left] = undoing.left
  if (id === undefined) return finish(draft, { ...state, workflow }, undoing.end)
  const step = undoStepOf(id)
  const work = { type: 'code', action: 'undo' } as const
  const policy = { effect: 'idempotent', attempts: 3 } as const
  const run: WorkflowState = { ...state, inFlight: [step], workflow: { ...workflow, undoing: { ...undoing, left } } }
  recordStart(draft, step)
  draft.send.push(await startMessage(draft, run, { id: step, work, policy }))
  const turn = turnOf(draft, run, runIndex(run, draft.start))
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
  draft.events.push({ type: 'step-undo', step: id, ...undo } as Json)
  return undoNext(draft, { ...state, inFlight: [] })
}
