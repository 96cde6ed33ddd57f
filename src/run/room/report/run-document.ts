import type { Json } from '../../../kernel/json.ts'
import { formatTime } from '../../../lib/time/moment.ts'
import { lossesOf, type ModelUse, sumTaken } from '../../../step/record/model-use.ts'
import { hasEnded, OUTPUTS_STEP, type StepPart } from '../../../step/record/outcome.ts'
import type { RunDocument, StepDocument } from '../../document.ts'
import { isFinished, type RunHead } from '../../run.ts'
import type { RunSteps } from './run-steps.ts'
import { errorFields } from './step-document.ts'
import { toSeconds } from './step-times.ts'

/** A run as it is stored, with its steps in the author's order. */
type StoredRun = {
  readonly id: string
  readonly state: RunHead
  readonly known: RunSteps
  readonly steps: readonly StepDocument[]
  /** the stored parts of those steps, by id */
  readonly parts: ReadonlyMap<string, StepPart>
  readonly outputs?: Json | undefined
  readonly warnings?: readonly string[] | undefined
  readonly context: Json | undefined
}

export function runDocument({
  id,
  state,
  known,
  steps,
  parts,
  outputs = {},
  warnings,
  context,
}: StoredRun): RunDocument {
  const { status, name, startedAt, finishedAt, done, failed, skipped, problem, degraded } = state
  const { error, error_type, ...about } = errorFields(problem)
  const rendered = parts.get(OUTPUTS_STEP)
  const ofOutputs = hasEnded(rendered) ? rendered : undefined
  const usage = usageOf(steps, ofOutputs?.models)
  const lacks = lacksOf(steps, ofOutputs ? lossesOf(ofOutputs) : [])
  return {
    pipeline_id: known.definition,
    id,
    execution_id: id,
    status: known.isStopped && status === 'running' ? 'waiting' : (status as RunDocument['status']),
    success: isFinished(state) ? status === 'completed' && (known.unhandled ?? 0) === 0 : null,
    steps: Object.fromEntries(steps.map((step) => [step.id, step])),
    outputs: outputs as RunDocument['outputs'],
    execution_order: known.levels.flat(),
    execution_levels: known.levels.map((level) => [...level]),
    started_at: formatTime(startedAt),
    completed_at: finishedAt === undefined ? null : formatTime(finishedAt),
    duration: finishedAt === undefined ? null : toSeconds(finishedAt - startedAt),
    error,
    error_type,
    artifacts: artifactsOf(steps, parts),
    ...about,
    ...(problem?.step !== undefined && { failed_step: problem.step }),
    name,
    pipeline_hash: known.hash,
    counts: { done, failed, skipped },
    ...(usage && { usage }),
    ...(degraded && { degraded }),
    ...(lacks.length > 0 && { lacks }),
    ...(warnings && { warnings }),
    ...(context !== undefined && { context }),
  }
}

function lacksOf(steps: readonly StepDocument[], ofOutputs: readonly string[]): readonly string[] {
  const linesOf = (id: string, lacks: readonly string[] = []) => lacks.map((lack) => `${id}: ${lack}`)
  return [...steps.flatMap(({ id, lacks }) => linesOf(id, lacks)), ...linesOf(OUTPUTS_STEP, ofOutputs)]
}

function artifactsOf(steps: readonly StepDocument[], parts: StoredRun['parts']): RunDocument['artifacts'] {
  return steps.flatMap(({ id }) => {
    const part = parts.get(id)
    const artifact = part?.status === 'completed' || part?.status === 'failed' ? part.artifact : undefined
    return artifact ? [{ step: id, ...artifact }] : []
  })
}

/** Usage reused from an earlier run does not count for this one. */
function usageOf(steps: readonly StepDocument[], more: readonly ModelUse[] = []): RunDocument['usage'] {
  const uses = [...steps.flatMap(({ models = [], reused }) => (reused ? [] : models)), ...more]
  return uses.length === 0 ? undefined : sumTaken(uses)
}
