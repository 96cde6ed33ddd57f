import { isDeepStrictEqual } from 'node:util'
import { isInterruption } from '../../kernel/interrupt.ts'
import { isJsonObject, type JsonObject } from '../../kernel/json.ts'
import type { Json } from '../../kernel/schema.ts'
import type { ModelNeeds } from '../../model/choose/model-facts.ts'
import { type CompiledPipeline, compiledStepAt } from '../plan/compiled.ts'
import { instanceId, loopsAround, parseInstance, type StepInstance } from '../plan/instance.ts'
import type { StepOutcome } from '../plan/messages/step-end.ts'
import type { StepStart } from '../plan/messages/step-start.ts'
import type { ModelUse } from '../plan/model-use.ts'
import { readRef, type ValueRef, type ValueStore } from '../plan/refs.ts'
import { isInvalidated, type ReuseSource } from '../plan/reuse-source.ts'
import type { StepPart, StepValue } from '../plan/step-outcome.ts'
import { openContext, type StepAttempt } from './attempt.ts'
import type { PipelineServices } from './context.ts'
import { execute } from './execute.ts'
import { namedModels } from './model-call/model-request.ts'
import { digestPins } from './model-call/pinned-files.ts'
import type { AttemptOutcome } from './outcome.ts'
import { referenceReader, resolveReferences } from './values/item-values.ts'
import { findPart } from './values/step-values.ts'
import { type UpstreamStep, upstreamOf } from './values/upstream.ts'

/** The outcome that an earlier run recorded for this step if nothing it depends on has changed. Otherwise runs the step and compares the outcomes. */
export async function executeOrReuse(attempt: StepAttempt, recorded: ValueRef): Promise<AttemptOutcome> {
  const { services, open, start } = attempt
  const pipeline = await open()
  const instance = parseInstance(pipeline, start.step)!
  const known = (await readRef(services.values, recorded)) as unknown as ReuseSource
  const { run } = known
  const earlier = await findPart(run, instanceId(instance), services.readParts)
  const isKept =
    earlier &&
    isWork(pipeline, instance) &&
    !isInvalidated(known, instance.node) &&
    earlier.files === digestPins(start.answers)
  const kept = isKept && !isOtherModel(earlier, pipeline, instance, known, services) ? reusableEnd(earlier) : undefined
  if (
    kept &&
    (await hasSameUpstream({ services, pipeline, instance, start, run })) &&
    (!known.looks || (await hasSameFiles(attempt, earlier!)))
  )
    return kept
  const outcome = await execute(attempt)
  return earlier && !('type' in outcome) ? markUnchanged(services, outcome, earlier) : outcome
}

/** Marks the end of a step that ran although one is recorded, when both are the same. */
export async function compareWithEarlier<End extends StepOutcome>(
  services: PipelineServices,
  recorded: ValueRef,
  step: string,
  end: End,
): Promise<End> {
  const { run } = (await readRef(services.values, recorded)) as unknown as ReuseSource
  const earlier = await findPart(run, step, services.readParts)
  return earlier ? markUnchanged(services, end, earlier) : end
}

async function markUnchanged<End extends StepOutcome>(
  { values }: PipelineServices,
  end: End,
  earlier: StepPart,
): Promise<End> {
  return (await isSameOutcome(values, end, earlier)) ? { ...end, same: true } : end
}

/** Loops and outputs are evaluated again each time: that costs nothing. */
function isWork(pipeline: CompiledPipeline, { node }: StepInstance): boolean {
  const { type } = compiledStepAt(pipeline, node).work
  return type !== 'loop' && type !== 'outputs'
}

/** Whether another model would be chosen now for a step whose author named none. */
function isOtherModel(
  { models = [] }: StepPart,
  pipeline: CompiledPipeline,
  { node }: StepInstance,
  { model }: ReuseSource,
  services: PipelineServices,
): boolean {
  if (model === undefined) return false
  const step = compiledStepAt(pipeline, node)
  const wanted = (use: ModelUse) => use.instead_of?.[0]?.model ?? use.model
  if (models.some((use) => use.standard && use.model !== model)) return true
  const own = models.find((use) => use.for === 'step')
  const named = 'parameters' in step.work ? namedModels(step.work.parameters) : []
  if (!own || own.standard || named.length > 0) return false
  const needs = step.modelNeeds ?? pipeline.model?.needs
  return needs !== undefined && modelChosenNow(needs, services) !== wanted(own)
}

function modelChosenNow(needs: ModelNeeds, { models }: PipelineServices): string | undefined {
  try {
    return models.choose(needs).id
  } catch {
    // who is to do it will say that nobody can
    return undefined
  }
}

/** Whether the files that the step's texts read are the same as before. */
async function hasSameFiles(attempt: StepAttempt, { looked }: StepPart): Promise<boolean> {
  try {
    return (await openContext(attempt)).looked === looked
  } catch (error) {
    if (attempt.call.signal.aborted || isInterruption(error)) throw error
    // who does it says what is wrong with them
    return false
  }
}

/** The part of an earlier end that can be reused: a result, or that the condition did not hold. */
function reusableEnd({
  status,
  result,
  reason,
  models,
  degraded,
  handled,
  artifact,
  looked,
  goto,
  depends,
}: StepPart): StepOutcome | undefined {
  const taken = { attempts: 0, ms: 0, same: true } as const
  const way = { ...(goto !== undefined && { goto }), ...(looked !== undefined && { looked }) }
  if (status === 'skipped' && reason === 'condition_false') return { status, reason, ...way, ...taken }
  if (status !== 'completed' || !result) return undefined
  return {
    status,
    result,
    ...(models && { models }),
    ...(degraded && { degraded }),
    ...(handled !== undefined && { handled }),
    ...(artifact && { artifact }),
    ...way,
    ...(depends && { depends }),
    ...taken,
  }
}

type ReuseCheck = {
  readonly services: PipelineServices
  readonly pipeline: CompiledPipeline
  readonly instance: StepInstance
  readonly start: StepStart
  readonly run: string
}

async function hasSameUpstream({ services, pipeline, instance, start, run }: ReuseCheck): Promise<boolean> {
  for await (const followed of upstreamOf(pipeline, instance, start, services))
    if (!(await isUnchanged(followed, services, run))) return false
  for (const loop of loopsAround(instance)) {
    const { list } = start.loops?.[loop.node] ?? {}
    if (!isDeepStrictEqual(list, (await findPart(run, instanceId(loop), services.readParts))?.list)) return false
  }
  return true
}

/** A skipped step has not compared itself, so this compares the reasons. */
async function isUnchanged({ instance, read }: UpstreamStep, { readParts }: PipelineServices, run: string) {
  if (read.same || read.status !== 'skipped') return read.same === true
  const before = await findPart(run, instanceId(instance), readParts)
  return before?.status === 'skipped' && before.reason === read.reason
}

/** Whether a step ended as recorded, whatever time that took. */
export async function isSameOutcome(values: ValueStore, outcome: StepOutcome, earlier: StepPart): Promise<boolean> {
  if (outcome.status !== earlier.status || outcome.reason !== earlier.reason) return false
  if (!outcome.result || !earlier.result) return outcome.result === earlier.result
  const [now, before] = [await loadWhole(values, outcome.result), await loadWhole(values, earlier.result)]
  return isDeepStrictEqual(comparable(now), comparable(before))
}

async function loadWhole(values: ValueStore, ref: ValueRef): Promise<Json> {
  const value = await readRef(values, ref)
  return isJsonObject(value) && value.named
    ? ((await resolveReferences(value as unknown as StepValue, referenceReader(values))) as unknown as Json)
    : value
}

/** A step's value without durations. Fields of other data with the same names stay. */
function comparable(value: Json): Json {
  if (!isJsonObject(value)) return value
  const { duration: _, ...what } = value
  const { loop, result = null } = what
  return { ...what, result: loop === undefined ? comparableToolResult(result) : comparableRows(result) }
}

/** A tool's result without volatile fields. A child run has another id each time. */
function comparableToolResult(result: Json): Json {
  const isRun = isJsonObject(result) && Object.hasOwn(result, 'run_id') && Object.hasOwn(result, 'call_stack')
  return withoutFields(isRun ? VOLATILE_RUN_FIELDS : VOLATILE_TOOL_FIELDS, result)
}

/** A loop's result contains the values of its steps, in places that depend on the kind of loop. */
function comparableRows(rows: Json): Json {
  if (Array.isArray(rows)) return rows.map(comparableRows)
  if (!isJsonObject(rows)) return rows
  if (isStepValue(rows)) return comparable(rows)
  const fields = Object.entries(withoutFields(VOLATILE_LOOP_FIELDS, rows) as JsonObject)
  return Object.fromEntries(fields.map(([name, field]) => [name, name === 'item' ? field : comparableRows(field)]))
}

const VOLATILE_TOOL_FIELDS: ReadonlySet<string> = new Set(['execution_time', 'response_time'])

const VOLATILE_RUN_FIELDS: ReadonlySet<string> = new Set([...VOLATILE_TOOL_FIELDS, 'run_id', 'retries'])

const VOLATILE_LOOP_FIELDS: ReadonlySet<string> = new Set(['duration', 'total_duration'])

function withoutFields(names: ReadonlySet<string>, value: Json): Json {
  return isJsonObject(value) ? Object.fromEntries(Object.entries(value).filter(([name]) => !names.has(name))) : value
}

// what a queue tells of an item has a status and a result, too
const isStepValue = (value: JsonObject) =>
  typeof value.status === 'string' && Object.hasOwn(value, 'result') && !Object.hasOwn(value, 'item')
