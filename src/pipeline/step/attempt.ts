import type { Json } from '../../kernel/schema.ts'
import type { ActorRef } from '../../kernel/types.ts'
import type { Scope } from '../../template/template.ts'
import { type CompiledPipeline, type CompiledStep, compiledStepAt, OUTPUTS_NODE } from '../plan/compiled.ts'
import { parseInstance, type StepInstance } from '../plan/instance.ts'
import type { StepStart } from '../plan/messages/step-start.ts'
import type { ModelUse } from '../plan/model-use.ts'
import type { StepValue } from '../plan/step-outcome.ts'
import type { Job, PipelineServices, PlacedCall } from './context.ts'
import { errorOf } from './failure.ts'
import { rootsOf } from './permissions.ts'
import { type Answers, reasonsOf, withAnswers } from './templates/answers.ts'
import { type MadeRenderings, type Seen, watched } from './templates/render-in-thread.ts'
import { scopeOf } from './templates/scope.ts'
import type { Surroundings } from './templates/surroundings.ts'
import { asksForFiles, digestOfKnown, type KnownFiles, openFiles, readFiles } from './templates/template-files.ts'
import { hurried } from './timeout.ts'
import type { Hold } from './values/memory-gate.ts'
import { type Loaded, loadValues } from './values/step-values.ts'

/** One attempt at a step. */
export type Trial = {
  readonly services: PipelineServices
  readonly open: OpenPipeline
  readonly start: StepStart
  readonly call: PlacedCall
  /** the actor in whose turn it is made */
  readonly self: ActorRef
  emit(delta: Json): void
  /** how many attempts earlier turns made; absent: it may not pause longer than a turn does */
  readonly before?: number
  /** where calls of models are noted that came to nothing, over all attempts */
  readonly spent?: ModelUse[]
  /** what it holds while it is made */
  readonly hold?: Hold
  /** what threads have rendered for it, and when it began */
  readonly made?: MadeRenderings
  readonly began?: number
  /** what is done instead of the step, or for it, since it came to that */
  readonly as?: { readonly step: CompiledStep; readonly value: StepValue; readonly error?: Json }
}

/** The pipeline, at once when it was opened before. */
export type OpenPipeline = () => CompiledPipeline | Promise<CompiledPipeline>

type Opening = Pick<Trial, 'services' | 'open' | 'start' | 'call' | 'self' | 'emit' | 'as' | 'spent' | 'hold'>

/** All that an attempt at a step needs, with what the step reads. */
export async function openJob(trial: Opening): Promise<Job> {
  return jobAt(trial, placeIn(await trial.open(), trial))
}

/** Which step of its pipeline it is at. */
type Where = Pick<Job, 'pipeline' | 'instance' | 'step'>

/** The step that is tried, of the opened pipeline. */
export function placeIn(pipeline: CompiledPipeline, { start, as }: Opening): Where {
  const instance = instanceIn(pipeline, start.step)
  return { pipeline, instance, step: as?.step ?? compiledStepAt(pipeline, instance.node) }
}

/** The job of a step, at once when all that the step reads came with its message, and no file is asked for. */
export function jobAt(trial: Opening, where: Where, made?: MadeRenderings): Job | Promise<Job> {
  const loaded = loadValues(where.pipeline, where.instance, trial.start, trial.services, trial.hold)
  if (loaded instanceof Promise || asksForFiles(where.step)) return loadJob(trial, where, loaded, made)
  return jobOf(trial, where, loaded, undefined, made)
}

async function loadJob(
  trial: Opening,
  where: Where,
  loading: Loaded | Promise<Loaded>,
  made: MadeRenderings | undefined,
): Promise<Job> {
  const files = asksForFiles(where.step) ? openFiles() : undefined
  const job = jobOf(trial, where, await loading, files, made)
  if (!files) return job
  await readFiles(job, files)
  return files.known.size === 0 ? job : { ...job, looked: digestOfKnown(files) }
}

function instanceIn(pipeline: CompiledPipeline, step: string): StepInstance {
  const instance = parseInstance(pipeline, step)
  if (!instance) throw new TypeError(`pipeline ${pipeline.name} has no step ${step}`)
  return instance
}

function jobOf(
  trial: Opening,
  where: Where,
  { inputs, reads, lists }: Loaded,
  files: KnownFiles | undefined,
  made: MadeRenderings | undefined,
): Job {
  const { services, start, call, self, emit, as, spent = [] } = trial
  const { pipeline, instance } = where
  const step = hurried(where.step, start)
  const seen = as ? { ...reads, [instance.node]: as.value } : reads
  const error = as?.error ?? errorBehind(pipeline, step, reads)
  const known = { pipeline, instance, inputs, reads: seen, run: start.run, loops: start.loops ?? NO_LOOPS, lists }
  const { answers = NO_ANSWERS } = start
  const tellsOutputs = instance.node === OUTPUTS_NODE && answers.length > 0
  const hasMore = files !== undefined || error !== undefined || tellsOutputs
  const more = {
    ...(files && { files }),
    ...(error !== undefined && { error }),
    ...(tellsOutputs && { withAnswers: (scope: Scope) => withAnswers(scope, answers) }),
  }
  const surroundings = hasMore ? { ...known, ...more } : known
  const watch = (scope: Scope, turning?: number) => {
    if (!made) return scope
    const see = (): Seen => {
      const all = { ...known, ...(error !== undefined && { error }), ...(turning !== undefined && { turning }) }
      return { surroundings: all, answers, tellsOutputs, ...(files && { known: files.known }) }
    }
    return watched(scope, { made, files, name: String(turning ?? ''), see })
  }
  const scope = watch(withAnswers(scopeOf(surroundings), answers))
  const turnScope = step.work.type === 'loop' ? turnScopeOf(surroundings, answers, watch) : noTurns
  const roots = rootsOf(services, start)
  const reasons = reasonsOf(answers)
  return { services, pipeline, step, instance, start, scope, turnScope, roots, call, self, emit, reasons, spent }
}

const NO_LOOPS = {}
const NO_ANSWERS: Answers = []

function turnScopeOf(
  surroundings: Surroundings,
  answers: Answers,
  watch: (scope: Scope, turning: number) => Scope,
): Job['turnScope'] {
  return (turning) => watch(withAnswers(scopeOf({ ...surroundings, turning }), answers), turning)
}

function noTurns(): never {
  throw new TypeError('only a loop turns')
}

/** Of a step that a failure may lead to: which failure did. */
function errorBehind(pipeline: CompiledPipeline, { failures }: CompiledStep, reads: Loaded['reads']): Json | undefined {
  if (!failures) return undefined
  const node = failures.find((failed) => reads[failed]?.status === 'failed')
  return node === undefined ? undefined : errorOf(compiledStepAt(pipeline, node).id, reads[node]!, false)
}
