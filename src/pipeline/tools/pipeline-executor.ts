import { z } from 'zod'
import { errorOf, type Problem, TerminalError } from '../../errors.ts'
import { runRef } from '../../house/actors.ts'
import type { Json } from '../../kernel/schema.ts'
import { childRunId, retriedRunId } from '../../run/ids.ts'
import { ancestryBelow, startsTooLate } from '../../step/call/call-time.ts'
import type { CallbackContext, CallbackTool, CallbackVerdict } from '../../step/call/callback.ts'
import type { ValueResult } from '../../step/call/context.ts'
import type { CallbackRequest, CallbackResult } from '../../step/messages/callback.ts'
import type { RunAncestry, RunOrigin } from '../../step/messages/run-origin.ts'
import { readStepPart } from '../../step/messages/step-parts.ts'
import { fairnessKey } from '../../step/messages/step-start.ts'
import { resultOf } from '../../step/record/outcome.ts'
import { readRef, storeRef, type ValueRef } from '../../step/values.ts'
import { BAD_RESULT } from '../../tool/bad-result.ts'
import { anyValue, booleanParameter, jsonOr, numberParameter, onlyInRuns } from '../../tool/parameters.ts'
import { compileText } from '../language/compile.ts'
import { hasErrors, toInvalidError } from '../language/diagnostics/finding.ts'
import { checkInputs } from '../language/parse/inputs/given-inputs.ts'
import { includeReader, type LocatedPipelineText } from '../language/source/bundle.ts'
import type { CompiledPipeline } from '../plan/compiled.ts'
import type { Inputs } from '../plan/inputs.ts'
import type { RunStart } from '../plan/messages/run-start.ts'
import { changedNodes, externalReadNodes, type ReuseSource, type RunDefinition } from '../plan/reuse-source.ts'
import { runStartMessage } from '../run/start-message.ts'
import type { AskContext, PipelineServices } from '../step/context.ts'
import { readChildPipeline } from './pipeline-source.ts'

const input = z.object({
  pipeline: z.union([z.string().min(1), z.record(z.string(), anyValue)]),
  inputs: jsonOr(z.record(z.string(), anyValue)).default({}),
  inherit_context: booleanParameter.default(true),
  wait_for_completion: booleanParameter.default(true),
  timeout: numberParameter.default(0),
  output_mapping: jsonOr(z.record(z.string(), z.string())).default({}),
  error_handling: z.enum(['fail', 'continue', 'retry']).default('fail'),
  retry_count: numberParameter.default(3),
  retry_delay: numberParameter.default(1),
})
type Input = z.infer<typeof input>
const output = z.object({
  outputs: z.record(z.string(), anyValue),
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

/** `pipeline-executor`: runs another pipeline as a child run. */
export const pipelineExecutor: CallbackTool = {
  name: 'pipeline-executor',
  description: 'Runs another pipeline, given as a file, an id or inline',
  input,
  output,
  effect: 'pure',
  execute: onlyInRuns('pipeline-executor'),
  opaque: ['pipeline'],
  asking: { ask, take },
}

/** The number of runs that may nest, counting the root. */
const MAX_RUN_DEPTH = 10
/** A pipeline up to this length compiles in a few dozen milliseconds. */
const MAX_INLINE_COMPILE_CHARS = 32 * 1024
/** A timeout above this counts as milliseconds, as older pipelines give them. */
const MAX_TIMEOUT_SECONDS = 10_000

/** The data needed when the child run has ended. */
type Memo = Pick<Input, 'output_mapping' | 'error_handling' | 'retry_count' | 'retry_delay'> & {
  readonly pipeline: string
  readonly pipelines: readonly string[]
  readonly start: RunStart
  readonly retries: number
}

async function ask(given: Input, context: AskContext): Promise<CallbackRequest> {
  const { start, services } = context
  const { above, source: _, written: __, foreign: ___, ...origin } = start.run.provenance ?? {}
  const pipelines = [...(above?.pipelines ?? []), context.definition]
  if (pipelines.length >= MAX_RUN_DEPTH) throw tooDeep(pipelines)
  const found = await readChildPipeline(given.pipeline, context)
  // the inputs of the parent, if it passes them on; those of the step take precedence
  const passed = given.inherit_context ? (context.scope?.get('inputs') as Inputs | undefined) : {}
  const inputs: Inputs = { ...passed, ...given.inputs }
  const pipeline = await compileChild(found, inputs, context)
  const own = Object.fromEntries(Object.entries(inputs).filter(([name]) => Object.hasOwn(pipeline.inputs, name)))
  const below: RunAncestry = { root: above?.root ?? start.run.id, pipelines }
  const basis = { pipeline, inputs: checkInputs(pipeline, { ...own, ...given.inputs }) }
  const message = await runStartMessage(services.values, pipeline, basis.inputs, {
    ...origin,
    ...found.from,
    ...(given.wait_for_completion && (await reuseForChild(context, basis))),
    // paths that were opened for the parent are open for the child, too; a path from a step opens nothing more
    ...(start.run.granted && { granted: start.run.granted }),
    ...(start.run.denied && { denied: start.run.denied }),
    ...ancestryField(context, given.wait_for_completion),
    above: below,
    ...(!given.wait_for_completion && { detached: true as const }),
  })
  const { output_mapping, error_handling, retry_count, retry_delay } = given
  const rules = { output_mapping, error_handling, retry_count, retry_delay }
  const memo: Memo = { ...rules, pipeline: pipeline.id, pipelines, start: message, retries: 0 }
  const { timeout } = given
  const limit = timeout > MAX_TIMEOUT_SECONDS ? timeout : timeout * 1000
  return requestToRun(childRunId(start.run.id, start.step), memo, limit > 0 ? { limit } : {})
}

function requestToRun(id: string, memo: Memo, limit: Pick<CallbackRequest, 'limit'>): CallbackRequest {
  return { to: runRef(id), body: memo.start, work: id, memo, ...limit }
}

async function compileChild(
  found: LocatedPipelineText,
  inputs: Inputs,
  context: AskContext,
): Promise<CompiledPipeline> {
  const { toolbox, root, compileAside } = context.services
  const { text, file, includes } = found
  const given = Object.keys(inputs)
  const read = includes && { read: includeReader(includes, root) }
  const isLarge = text.length > MAX_INLINE_COMPILE_CHARS && compileAside !== undefined
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
  return new TerminalError(`Child runs are nested deeper than ${MAX_RUN_DEPTH} (${way}).`, { code: 'too_deep' })
}

type End = {
  readonly status: string
  readonly outputs?: ValueRef
  readonly done?: number
  readonly degraded?: true
  readonly problem?: Problem
}

async function take(
  question: CallbackRequest,
  received: CallbackResult,
  callback: CallbackContext,
): Promise<CallbackVerdict> {
  const memo = question.memo as Memo
  const run = question.work!
  const end: End = 'value' in received ? (received.value as End) : { status: 'failed', problem: received.problem }
  if (end.status === 'completed' || end.status === 'started') {
    const outputs = end.outputs ? ((await readRef(callback.services.values, end.outputs)) as Inputs) : {}
    const facts = { status: end.status, outputs: mapOutputs(outputs, memo), steps_executed: end.done ?? 0 }
    const value = result(memo, run, callback, facts)
    return end.degraded ? { ...value, lacks: [`the child run ${run} is degraded`] } : value
  }
  const problem = end.problem ?? { code: 'run_failed', name: 'TerminalError', message: `it is ${end.status}` }
  if (problem.code !== BAD_RESULT && mayRetry(memo, callback)) return retryChildRun(question, memo)
  if (memo.error_handling !== 'continue') throw childRunFailed(memo, run, problem)
  return result(memo, run, callback, {
    success: false,
    status: 'failed',
    outputs: {},
    steps_executed: end.done ?? 0,
    error: problem.message,
    error_code: problem.code,
  })
}

/** A run that nobody waits for may outlast the goal above. */
function ancestryField(context: AskContext, isAwaited: boolean): Pick<RunStart, 'ancestry'> {
  const ancestry = ancestryBelow(context)
  if (!ancestry) return {}
  const { until: _, ...endless } = ancestry
  return { ancestry: isAwaited ? ancestry : endless }
}

function mayRetry({ error_handling, retries, retry_count, retry_delay, start }: Memo, { services }: CallbackContext) {
  if (error_handling !== 'retry' || retries >= retry_count) return false
  return !startsTooLate(start.ancestry, retry_delay * 1000, services)
}

/** The same start under another run id. The first run stays as it is, and its steps may be repeated. */
function retryChildRun({ work, limit }: CallbackRequest, memo: Memo): CallbackVerdict {
  const retries = memo.retries + 1
  const id = memo.retries === 0 ? work! : work!.slice(0, work!.lastIndexOf('.'))
  const question = requestToRun(retriedRunId(id, retries), { ...memo, retries }, limit === undefined ? {} : { limit })
  return { type: 'again', question, delay: memo.retry_delay * 1000 }
}

/** It keeps its name, by which handlers know it. */
function childRunFailed({ pipeline }: Memo, run: string, { name, code, message, hint }: Problem): Error {
  const text = `pipeline ${pipeline} (${run}): ${message}`
  return errorOf({ name, code, message: text, terminal: true, ...(hint !== undefined && { hint }) })
}

function mapOutputs(outputs: Inputs, { output_mapping: names }: Memo): Inputs {
  return Object.fromEntries(
    Object.entries(outputs).map(([name, value]) => [Object.hasOwn(names, name) ? names[name]! : name, value]),
  )
}

function result(
  { pipeline, pipelines, retries }: Memo,
  run: string,
  { ms }: CallbackContext,
  facts: { readonly [field: string]: Json },
): ValueResult {
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

/** The source a child run reuses when its parent reuses an earlier run: the child run in the same place there. */
async function reuseForChild(context: AskContext, basis: RunDefinition): Promise<Pick<RunOrigin, 'recorded'>> {
  const { services, start, instance } = context
  if (!start.run.recorded) return {}
  const above = (await readRef(services.values, start.run.recorded)) as ReuseSource
  if (instance && above.requested?.includes(instance.node)) return {}
  const run = await earlierChildRun(above.run, start.step, services)
  const before = await services.basisOf?.(run)
  if (!before) return {}
  const { model, rereads } = above
  const invalidated = [...changedNodes(before, basis), ...(rereads ? externalReadNodes(basis.pipeline) : [])]
  const recorded: ReuseSource = { run, invalidated, ...(model !== undefined && { model }), ...(rereads && { rereads }) }
  return { recorded: await storeRef(services.values, recorded) }
}

/**
 * The child run of an earlier run's step. It may have been reused itself, so the step's result names it; that of a
 * failed step is found by its id.
 */
async function earlierChildRun(above: string, step: string, { values, readParts }: PipelineServices): Promise<string> {
  const result = resultOf(await readStepPart(readParts, above, step))
  const value =
    result && ((await readRef(values, result)) as { readonly result?: { readonly run_id?: unknown } } | null)
  const id = value?.result?.run_id
  return typeof id === 'string' ? id : childRunId(above, step)
}
