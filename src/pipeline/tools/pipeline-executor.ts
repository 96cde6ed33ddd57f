import { z } from 'zod'
import { type Problem, TerminalError } from '../../errors.ts'
import type { Json } from '../../kernel/schema.ts'
import { compileText } from '../language/compile.ts'
import { hasErrors, toInvalidError } from '../language/diagnostics/finding.ts'
import { checkInputs } from '../language/parse/inputs/given-inputs.ts'
import { includeReader, type LocatedPipelineText } from '../language/source/bundle.ts'
import type { CallbackRequest, CallbackResult } from '../plan/callback.ts'
import type { CompiledPipeline } from '../plan/compiled.ts'
import type { Inputs } from '../plan/inputs.ts'
import type { RunAncestry, RunOrigin, RunStart } from '../plan/messages/run-start.ts'
import { fairnessKey } from '../plan/messages/step-start.ts'
import { childRunId, readRef, retriedRunId, runRef, storeRef, type ValueRef } from '../plan/refs.ts'
import { changedNodes, externalReadNodes, type ReuseSource, type RunDefinition } from '../plan/reuse-source.ts'
import { runStartMessage } from '../run/start-message.ts'
import type { CallbackContext, CallbackTool, CallbackVerdict } from '../step/callback/callback-tool.ts'
import type { PipelineServices, StepContext } from '../step/context.ts'
import { findPart } from '../step/values/step-values.ts'
import { amount, anything, flag, jsonOr, onlyInRuns } from './parameters.ts'
import { readPipeline } from './pipeline-source.ts'

const input = z.object({
  pipeline: z.union([z.string().min(1), z.record(z.string(), anything)]),
  inputs: jsonOr(z.record(z.string(), anything)).default({}),
  inherit_context: flag.default(true),
  wait_for_completion: flag.default(true),
  timeout: amount.default(0),
  output_mapping: jsonOr(z.record(z.string(), z.string())).default({}),
  error_handling: z.enum(['fail', 'continue', 'retry']).default('fail'),
  retry_count: amount.default(3),
  retry_delay: amount.default(1),
})
type Input = z.infer<typeof input>
const output = z.object({
  outputs: z.record(z.string(), anything),
  pipeline_id: z.string(),
  run_id: z.string(),
  status: z.string(),
  success: z.boolean(),
  error: z.string().optional(),
  error_code: z.string().optional(),
  execution_time: z.number(),
  steps_executed: z.int(),
  recursion_depth: z.int(),
  call_stack: z.array(z.string()),
  retries: z.int(),
})

/** `pipeline-executor`: another pipeline as a run of its own, below this one. */
export const pipelineExecutor: CallbackTool = {
  name: 'pipeline-executor',
  description: 'Runs another pipeline: a file, an id, or one that stands here',
  input,
  output,
  effect: 'pure',
  execute: onlyInRuns('pipeline-executor'),
  opaque: ['pipeline'],
  asking: { ask, take },
}

/** Runs that may lie below each other, the first counted. */
const DEEPEST = 10
/** Characters of a pipeline that are compiled in a few dozen milliseconds. */
const SMALL = 32 * 1024
/** Seconds beyond which a timeout is taken for milliseconds, which older pipelines give. */
const SECONDS = 10_000

/** What is known again when the run below has ended. */
type Memo = Pick<Input, 'output_mapping' | 'error_handling' | 'retry_count' | 'retry_delay'> & {
  readonly pipeline: string
  readonly pipelines: readonly string[]
  readonly start: RunStart
  readonly retries: number
}

async function ask(given: Input, context: StepContext): Promise<CallbackRequest> {
  const { start, services } = context
  const { above, source: _, written: __, ...origin } = start.provenance ?? {}
  const pipelines = [...(above?.pipelines ?? []), context.pipeline.id]
  if (pipelines.length >= DEEPEST) throw tooDeep(pipelines)
  const found = await readPipeline(given.pipeline, context)
  const inputs = inputsFor(given, context)
  const pipeline = await compile(found, inputs, context)
  const own = Object.fromEntries(Object.entries(inputs).filter(([name]) => Object.hasOwn(pipeline.inputs, name)))
  const below: RunAncestry = { root: above?.root ?? start.run.id, pipelines }
  const basis = { pipeline, inputs: checkInputs(pipeline, { ...own, ...given.inputs }) }
  const message = await runStartMessage(services.values, pipeline, basis.inputs, {
    ...{ ...origin, ...found.from },
    ...(given.wait_for_completion && (await recordedBelow(context, basis))),
    // what its starter opened is open below, too; a path that a step tells opens nothing more
    ...(start.granted && { granted: start.granted }),
    above: below,
    ...(!given.wait_for_completion && { detached: true as const }),
  })
  const { output_mapping, error_handling, retry_count, retry_delay } = given
  const rules = { output_mapping, error_handling, retry_count, retry_delay }
  const memo: Memo = { ...rules, pipeline: pipeline.id, pipelines, start: message, retries: 0 }
  const { timeout } = given
  const limit = timeout > SECONDS ? timeout : timeout * 1000
  return questionTo(childRunId(start.run.id, start.step), memo, limit > 0 ? { limit } : {})
}

function questionTo(id: string, memo: Memo, limit: Pick<CallbackRequest, 'limit'>): CallbackRequest {
  return { to: runRef(id), body: memo.start as Json, work: id, memo: memo as Json, ...limit }
}

/** What the parent was given, where it is asked for; what the step gives comes first. */
function inputsFor({ inherit_context: inherits, inputs }: Input, { scope }: StepContext): Inputs {
  return { ...(inherits ? (scope.get('inputs') as Inputs) : {}), ...inputs }
}

async function compile(found: LocatedPipelineText, inputs: Inputs, context: StepContext): Promise<CompiledPipeline> {
  const { toolbox, root, compileAside } = context.services
  const { text, file, includes } = found
  const given = Object.keys(inputs)
  const read = includes && { read: includeReader(includes, root) }
  const isLarge = text.length > SMALL && compileAside !== undefined
  const compiled = isLarge
    ? await compileAside({ text, file, given, root, ...(includes && { includes }) }, fairnessKey(context.start))
    : compileText(text, { file, toolbox, given, ...read })
  const { pipeline, findings } = compiled
  if (pipeline && !hasErrors(findings)) return pipeline
  const { place, message, hint } = toInvalidError(findings)
  const at = [place.file, place.line, place.column].filter((part) => part !== undefined).join(':')
  throw new TerminalError(at === '' ? message : `${at}: ${message}`, { code: 'invalid_pipeline', hint })
}

function tooDeep(pipelines: readonly string[]): TerminalError {
  const way = [...pipelines.slice(0, 3), '…', pipelines.at(-1)].join(' → ')
  return new TerminalError(`${DEEPEST} runs lie below each other (${way}); there may be no more`, { code: 'too_deep' })
}

type End = { readonly status: string; readonly outputs?: ValueRef; readonly done?: number; readonly problem?: Problem }

async function take(
  question: CallbackRequest,
  received: CallbackResult,
  callback: CallbackContext,
): Promise<CallbackVerdict> {
  const memo = question.memo as unknown as Memo
  const run = question.work!
  const end: End =
    'value' in received ? (received.value as unknown as End) : { status: 'failed', problem: received.problem }
  if (end.status === 'completed' || end.status === 'started') {
    const outputs = end.outputs ? ((await readRef(callback.services.values, end.outputs)) as Inputs) : {}
    return result(memo, run, callback, {
      status: end.status,
      outputs: renamed(outputs, memo),
      steps_executed: end.done ?? 0,
    })
  }
  const problem = end.problem ?? { code: 'run_failed', name: 'TerminalError', message: `it is ${end.status}` }
  if (memo.error_handling === 'retry' && memo.retries < memo.retry_count) return again(question, memo)
  if (memo.error_handling !== 'continue') throw failed(memo, run, problem)
  const told = { error: problem.message, error_code: problem.code }
  return result(memo, run, callback, {
    success: false,
    status: 'failed',
    outputs: {},
    steps_executed: end.done ?? 0,
    ...told,
  })
}

/** The same start as a run of another id: what the first one did is done, and a step of it may be done again. */
function again({ work, limit }: CallbackRequest, memo: Memo): CallbackVerdict {
  const retries = memo.retries + 1
  const id = memo.retries === 0 ? work! : work!.slice(0, work!.lastIndexOf('.'))
  const question = questionTo(retriedRunId(id, retries), { ...memo, retries }, limit === undefined ? {} : { limit })
  return { type: 'again', question, delay: memo.retry_delay * 1000 }
}

function failed({ pipeline }: Memo, run: string, { code, message, hint }: Problem): TerminalError {
  return new TerminalError(`pipeline ${pipeline} (${run}): ${message}`, { code, hint })
}

function renamed(outputs: Inputs, { output_mapping: names }: Memo): Inputs {
  return Object.fromEntries(
    Object.entries(outputs).map(([name, value]) => [Object.hasOwn(names, name) ? names[name]! : name, value]),
  )
}

function result(
  { pipeline, pipelines, retries }: Memo,
  run: string,
  { ms }: CallbackContext,
  facts: { readonly [field: string]: Json },
): CallbackVerdict {
  return {
    type: 'result',
    result: {
      success: true,
      pipeline_id: pipeline,
      run_id: run,
      ...facts,
      execution_time: ms / 1000,
      recursion_depth: pipelines.length,
      call_stack: [...pipelines, pipeline],
      retries,
    },
  }
}

/** What a run below takes over, where the run above it takes over what another has recorded: of the one that lay below that in the same place. */
async function recordedBelow(context: StepContext, basis: RunDefinition): Promise<Pick<RunOrigin, 'recorded'>> {
  const { services, start, instance } = context
  if (!start.recorded) return {}
  const above = (await readRef(services.values, start.recorded)) as unknown as ReuseSource
  if (above.named?.includes(instance.node)) return {}
  const run = await runBelow(above.run, start.step, services)
  const before = await services.basisOf?.(run)
  if (!before) return {}
  const { model, looks } = above
  const anew = [...changedNodes(before, basis), ...(looks ? externalReadNodes(basis.pipeline) : [])]
  const recorded: ReuseSource = { run, anew, ...(model !== undefined && { model }), ...(looks && { looks }) }
  return { recorded: await storeRef(services.values, recorded as unknown as Json) }
}

/** The run that a step began, which may have been taken over itself: its result names it. One that failed is found by its place. */
async function runBelow(above: string, step: string, { values, readParts }: PipelineServices): Promise<string> {
  const { result } = (await findPart(above, step, readParts)) ?? {}
  const value =
    result && ((await readRef(values, result)) as { readonly result?: { readonly run_id?: unknown } } | null)
  const told = value?.result?.run_id
  return typeof told === 'string' ? told : childRunId(above, step)
}
