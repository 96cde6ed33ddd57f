import type { Json } from '../../kernel/schema.ts'
import { writeLimit } from '../../step/approval/call-parameters.ts'
import type { StepAttempt } from '../../step/attempt/work.ts'
import { allowedRoots } from '../../step/call/permissions.ts'
import { OWN_CALL } from '../../step/messages/call-decision.ts'
import { fairnessKey } from '../../step/messages/step-start.ts'
import { OUTPUTS_STEP, type StepValue } from '../../step/record/outcome.ts'
import type { TemplateScope } from '../../template/template.ts'
import type { CallFor } from '../../tool/tool.ts'
import { callForOf } from '../../work/origin/call-for.ts'
import type { CompiledPipeline, CompiledStep, StepModels } from '../plan/compiled.ts'
import { compiledStepAt, filesParameterOf } from '../plan/compiled.ts'
import { instanceOf } from '../plan/instance.ts'
import type { PipelineStepStart } from '../plan/messages/step-order.ts'
import { calledTool } from './approval/called-tool.ts'
import { renderedArtifact, saveArtifact } from './artifact-file.ts'
import type { PipelineContext, PipelineServices } from './context.ts'
import { errorForHandler } from './failure.ts'
import { modelFilesOf } from './model-call/pinned-files.ts'
import { type AutoAnswers, modelReasons, withAnswers } from './templates/answers.ts'
import { renderAll } from './templates/render.ts'
import type { TemplateEnvironment, ThreadRenderings } from './templates/render-in-thread.ts'
import { addThreadRendering, NeedsThread, withRenderWatch } from './templates/render-in-thread.ts'
import { templateScope } from './templates/scope.ts'
import type { TemplateData } from './templates/surroundings.ts'
import type { FileLookup } from './templates/template-files.ts'
import { createFileLookup, digestFiles, prefetchFiles, readsFiles } from './templates/template-files.ts'
import { createMemoryHold, type MemoryHold } from './values/memory-gate.ts'
import { type LoadedValues, loadValues } from './values/step-values.ts'
import { kindOf } from './work-facts.ts'

export type PipelineAttempt = StepAttempt & {
  readonly services: PipelineServices
  readonly open: OpenPipeline
  readonly start: PipelineStepStart
  /** memory that it holds during the attempt */
  readonly hold?: MemoryHold
  /** texts that threads have rendered for it */
  readonly made?: ThreadRenderings
  /** the substitute or the handler that runs instead of the step, or for it */
  readonly as?: {
    readonly step: CompiledStep
    readonly value: StepValue
    readonly error?: Json
    /** the name of its call; absent: that of the step's own */
    readonly call?: string
  }
}

/** Loads the pipeline; synchronous once it is loaded. */
export type OpenPipeline = () => CompiledPipeline | Promise<CompiledPipeline>

type Opening = Pick<
  PipelineAttempt,
  'services' | 'open' | 'start' | 'call' | 'self' | 'emit' | 'as' | 'spent' | 'time' | 'notes' | 'hold'
>

/** The context of an attempt, with everything the step reads. */
export async function openContext(attempt: Opening): Promise<PipelineContext> {
  return contextAt(attempt, positionOf(await attempt.open(), attempt))
}

/**
 * Acts in an attempt that may hold memory. It starts again after a thread has rendered texts that would take too long
 * here: nothing else has been done so far.
 */
export async function withHold<Attempt extends PipelineAttempt, T>(
  attempt: Attempt,
  act: (held: Attempt) => Promise<T>,
): Promise<T> {
  const { services, call, start } = attempt
  const hold = createMemoryHold(services, call.signal)
  try {
    return await act({ ...attempt, hold })
  } catch (error) {
    if (!NeedsThread.is(error)) throw error
    const made = await addThreadRendering(error, { share: fairnessKey(start), signal: call.signal })
    return await withHold({ ...attempt, made }, act)
  } finally {
    hold.leave()
  }
}

type StepPosition = Pick<PipelineContext, 'pipeline' | 'instance' | 'step'>

/** The attempted step within the opened pipeline. */
export function positionOf(pipeline: CompiledPipeline, { start, as }: Opening): StepPosition {
  const instance = instanceOf(pipeline, start.step)
  return { pipeline, instance, step: as?.step ?? compiledStepAt(pipeline, instance.node) }
}

/**
 * The context of a step. It is synchronous when the start message holds everything the step reads, no file is read,
 * and the program gave its run no context.
 */
export function contextAt(
  attempt: Opening,
  where: StepPosition,
  made?: ThreadRenderings,
): PipelineContext | Promise<PipelineContext> {
  const loaded = loadValues(where.pipeline, where.instance, attempt.start, attempt.services, attempt.hold)
  const callFor = callForOf(attempt.start.run, attempt.start.step, attempt.services.values)
  if (loaded instanceof Promise || callFor instanceof Promise || readsFiles(where.step))
    return loadContext(attempt, where, { loaded, callFor }, made)
  return createContext(attempt, where, { ...loaded, callFor }, undefined, made)
}

async function loadContext(
  attempt: Opening,
  where: StepPosition,
  { loaded, callFor }: { readonly loaded: Eventual<LoadedValues>; readonly callFor: Eventual<CallFor> },
  made: ThreadRenderings | undefined,
): Promise<PipelineContext> {
  const files = readsFiles(where.step) ? createFileLookup() : undefined
  const context = createContext(attempt, where, { ...(await loaded), callFor: await callFor }, files, made)
  if (!files) return context
  await prefetchFiles(context, files)
  return files.known.size === 0 ? context : { ...context, filesDigest: digestFiles(files) }
}

type Eventual<T> = T | Promise<T>

function createContext(
  attempt: Opening,
  where: StepPosition,
  { inputs, reads, lists, callFor }: LoadedValues & Pick<PipelineContext, 'callFor'>,
  files: FileLookup | undefined,
  made: ThreadRenderings | undefined,
): PipelineContext {
  const { services, start, call, self, emit, as, spent = [], time, notes = [] } = attempt
  const { pipeline, instance } = where
  const step = withDeadline(where.step, start)
  const seen = as ? { ...reads, [instance.node]: as.value } : reads
  const error = as?.error ?? handledError(pipeline, step, reads)
  const known = {
    pipeline,
    instance,
    inputs,
    reads: seen,
    run: start.run,
    loops: start.work.order.loop?.views ?? NO_LOOPS,
    lists,
  }
  const { answers = NO_ANSWERS } = start.work.order
  const tellsOutputs = instance.node === OUTPUTS_STEP && answers.length > 0
  const hasMore = files !== undefined || error !== undefined || tellsOutputs
  const more = {
    ...(files && { files }),
    ...(error !== undefined && { error }),
    ...(tellsOutputs && { withAnswers: (scope: TemplateScope) => withAnswers(scope, answers) }),
  }
  const surroundings = hasMore ? { ...known, ...more } : known
  const watch = (scope: TemplateScope, turning?: number) => {
    if (!made) return scope
    const see = (): TemplateEnvironment => {
      const all = { ...known, ...(error !== undefined && { error }), ...(turning !== undefined && { turning }) }
      return { surroundings: all, answers, tellsOutputs, ...(files && { known: files.known }) }
    }
    return withRenderWatch(scope, { made, files, name: String(turning ?? ''), see })
  }
  const scope = watch(withAnswers(templateScope(surroundings), answers))
  const turnScope = step.work.type === 'loop' ? turnScopeOf(surroundings, answers, watch) : noTurns
  const callName = as?.call ?? OWN_CALL
  const limit = writeLimit(() => calledTool(step.work, services), step.policy, { start, callName })
  const roots = allowedRoots(services, start.run, limit)
  const reasons = modelReasons(answers)
  const { artifact, model = NO_TERMS } = step
  const { cacheTags } = model
  const context: PipelineContext = {
    services,
    pipeline,
    step,
    instance,
    start,
    definition: pipeline.id,
    name: step.id,
    acts: step.work.type === 'tool',
    kind: kindOf(step.work),
    policy: step.policy,
    models: model,
    preferred: pipeline.model,
    ...(cacheTags && { cacheTags: () => renderAll([...cacheTags], pipeline, scope, ['cache', 'tags']) as Json[] }),
    scope,
    turnScope,
    roots,
    call,
    callFor,
    callName,
    self,
    emit,
    reasons,
    spent,
    time,
    notes,
  }
  const givesFiles = filesParameterOf(step.work) !== undefined
  if (!artifact && !givesFiles) return context
  return {
    ...context,
    ...(artifact && { saveFile: (value) => saveArtifact(renderedArtifact(artifact, pipeline, scope), value, context) }),
    ...(givesFiles && { modelFiles: () => modelFilesOf(context) }),
  }
}

const NO_TERMS: StepModels = {}
const NO_LOOPS = {}
const NO_ANSWERS: AutoAnswers = []

function turnScopeOf(
  surroundings: TemplateData,
  answers: AutoAnswers,
  watch: (scope: TemplateScope, turning: number) => TemplateScope,
): PipelineContext['turnScope'] {
  return (turning) => watch(withAnswers(templateScope({ ...surroundings, turning }), answers), turning)
}

function noTurns(): never {
  throw new TypeError('only a loop turns')
}

/** The failure that led to this step, if one did. */
function handledError(
  pipeline: CompiledPipeline,
  { routing }: CompiledStep,
  reads: LoadedValues['reads'],
): Json | undefined {
  const node = routing?.failures?.find((failed) => reads[failed]?.status === 'failed')
  return node === undefined ? undefined : errorForHandler(compiledStepAt(pipeline, node).id, reads[node]!, false)
}

/** The step with its timeout cut to what is left of its iteration. */
function withDeadline(step: CompiledStep, { policy: { timeLeft } }: PipelineStepStart): CompiledStep {
  if (timeLeft === undefined) return step
  const timeout = Math.min(timeLeft, step.policy.timeout ?? timeLeft)
  return { ...step, policy: { ...step.policy, timeout } }
}
