import { isDeepStrictEqual } from 'node:util'
import { isInterruption } from '../../kernel/faults.ts'
import { isJsonObject, type Json, type JsonObject } from '../../kernel/json.ts'
import type { ModelNeeds } from '../../model/choose/model-facts.ts'
import type { AttemptOutcome } from '../../step/attempt/outcome.ts'
import { readStepPart } from '../../step/messages/step-parts.ts'
import { referenceReader, resolveReferences } from '../../step/record/item-values.ts'
import type { ModelUse } from '../../step/record/model-use.ts'
import { type EndedStep, hasEnded, resultOf, type StepOutcome, type StepValue } from '../../step/record/outcome.ts'
import { reusableEnd } from '../../step/record/reused.ts'
import { readRef, type ValueRef, type ValueStore } from '../../step/values.ts'
import { type CompiledPipeline, compiledStepAt } from '../plan/compiled.ts'
import { instanceId, instanceOf, loopsAround, type StepInstance } from '../plan/instance.ts'
import type { PipelineStepStart } from '../plan/messages/step-order.ts'
import { isInvalidated, type ReuseSource } from '../plan/reuse-source.ts'
import { openContext, type PipelineAttempt } from './attempt.ts'
import type { PipelineServices } from './context.ts'
import { execute } from './execute.ts'
import { namedModels } from './model-call/model-request.ts'
import { digestPins } from './model-call/pinned-files.ts'
import { type UpstreamStep, upstreamOf } from './values/upstream.ts'

/** The recorded outcome if nothing that it depends on has changed; else runs the step and compares the outcomes. */
export async function executeOrReuse(attempt: PipelineAttempt, recorded: ValueRef): Promise<AttemptOutcome> {
  const { reusable, earlier } = await findReusable(attempt, recorded)
  if (reusable) return reusable
  const outcome = await execute(attempt)
  return earlier && !('type' in outcome) && outcome.status !== 'iterating'
    ? markUnchanged(attempt.services, outcome, earlier)
    : outcome
}

type Recorded = { readonly earlier?: EndedStep | undefined; readonly reusable?: StepOutcome }

/** The end of this step in an earlier run, and the outcome to reuse if nothing it depends on has changed. */
export async function findReusable(attempt: PipelineAttempt, recorded: ValueRef): Promise<Recorded> {
  const { services, open, start } = attempt
  const pipeline = await open()
  const instance = instanceOf(pipeline, start.step)
  const known = (await readRef(services.values, recorded)) as ReuseSource
  const { run } = known
  const earlier = await findEnded(run, instanceId(instance), services)
  const isKept =
    earlier &&
    isWork(pipeline, instance) &&
    !isInvalidated(known, instance.node) &&
    earlier.reuse?.modelFilesDigest === digestPins(start.work.order.answers)
  const reusable =
    isKept && !isOtherModel(earlier, pipeline, instance, known, services) ? reusableEnd(earlier) : undefined
  if (
    reusable &&
    (await hasSameUpstream({ services, pipeline, instance, start, run })) &&
    (!known.rereads || (await hasSameFiles(attempt, earlier!)))
  )
    return { earlier: earlier!, reusable }
  return { earlier }
}

/** Marks the end of a step that ran although one is recorded, when both are the same. */
export async function compareWithEarlier<End extends StepOutcome>(
  services: PipelineServices,
  recorded: ValueRef,
  step: string,
  end: End,
): Promise<End> {
  const { run } = (await readRef(services.values, recorded)) as ReuseSource
  const earlier = await findEnded(run, step, services)
  return earlier ? markUnchanged(services, end, earlier) : end
}

async function markUnchanged<End extends StepOutcome>(
  { values }: PipelineServices,
  end: End,
  earlier: EndedStep,
): Promise<End> {
  return (await isSameOutcome(values, end, earlier)) ? { ...end, reuse: { ...end.reuse, same: true } } : end
}

async function findEnded(run: string, step: string, { readParts }: PipelineServices): Promise<EndedStep | undefined> {
  const part = await readStepPart(readParts, run, step)
  return hasEnded(part) ? part : undefined
}

/** Loops and outputs are evaluated again each time: that costs nothing. */
function isWork(pipeline: CompiledPipeline, { node }: StepInstance): boolean {
  const { type } = compiledStepAt(pipeline, node).work
  return type !== 'loop' && type !== 'outputs'
}

/** Whether another model would be chosen now for a step whose author named none. */
function isOtherModel(
  { models = [] }: EndedStep,
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
  const needs = step.model?.needs ?? pipeline.model?.needs
  return needs !== undefined && modelChosenNow(needs, services) !== wanted(own)
}

function modelChosenNow(needs: ModelNeeds, { models }: PipelineServices): string | undefined {
  try {
    return models.choose(needs).id
  } catch {
    // the execution reports that the tool is missing
    return undefined
  }
}

/** Whether the files that the step's texts read are the same as before. */
async function hasSameFiles(attempt: PipelineAttempt, { reuse }: EndedStep): Promise<boolean> {
  try {
    return (await openContext(attempt)).filesDigest === reuse?.filesDigest
  } catch (error) {
    if (attempt.call.signal.aborted || isInterruption(error)) throw error
    // the execution reports the fault
    return false
  }
}

type ReuseCheck = {
  readonly services: PipelineServices
  readonly pipeline: CompiledPipeline
  readonly instance: StepInstance
  readonly start: PipelineStepStart
  readonly run: string
}

async function hasSameUpstream({ services, pipeline, instance, start, run }: ReuseCheck): Promise<boolean> {
  for await (const followed of upstreamOf(pipeline, instance, start, services))
    if (!(await isUnchanged(followed, services, run))) return false
  for (const loop of loopsAround(instance)) {
    const { list } = start.work.order.loop?.views[loop.node] ?? {}
    if (!isDeepStrictEqual(list, await findLoopList(run, instanceId(loop), services))) return false
  }
  return true
}

async function findLoopList(run: string, loop: string, { readParts }: PipelineServices): Promise<ValueRef | undefined> {
  const part = await readStepPart(readParts, run, loop)
  if (part?.status === 'running') return part.loop?.list
  return part?.status === 'completed' || part?.status === 'failed' ? part.list : undefined
}

/** A skipped step has not compared itself, so this compares the reasons. */
async function isUnchanged({ instance, read }: UpstreamStep, services: PipelineServices, run: string) {
  const isSame = 'same' in read && read.same === true
  if (isSame || read.status !== 'skipped') return isSame
  const before = await findEnded(run, instanceId(instance), services)
  return before?.status === 'skipped' && before.reason === read.reason
}

/** Whether a step ended as recorded, whatever time that took. */
export async function isSameOutcome(values: ValueStore, outcome: StepOutcome, earlier: EndedStep): Promise<boolean> {
  if (outcome.status === 'skipped') return earlier.status === 'skipped' && outcome.reason === earlier.reason
  if (outcome.status !== earlier.status) return false
  const [made, recorded] = [resultOf(outcome), resultOf(earlier)]
  if (!made || !recorded) return made === recorded
  const [now, before] = [await loadWhole(values, made), await loadWhole(values, recorded)]
  return isDeepStrictEqual(comparable(now), comparable(before))
}

async function loadWhole(values: ValueStore, ref: ValueRef): Promise<Json> {
  const value = await readRef(values, ref)
  return isJsonObject(value) && value.named
    ? await resolveReferences(value as StepValue, referenceReader(values))
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
const comparableToolResult = (result: Json): Json => withoutFields(volatileFieldsOf(result), result)

function volatileFieldsOf(result: Json): ReadonlySet<string> {
  const has = (...names: readonly string[]) =>
    isJsonObject(result) && names.every((name) => Object.hasOwn(result, name))
  if (has('run_id', 'call_stack')) return VOLATILE_RUN_FIELDS
  return has('status_code', 'elapsed') ? VOLATILE_RESPONSE_FIELDS : VOLATILE_TOOL_FIELDS
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

const VOLATILE_RESPONSE_FIELDS: ReadonlySet<string> = new Set([...VOLATILE_TOOL_FIELDS, 'elapsed'])

const VOLATILE_LOOP_FIELDS: ReadonlySet<string> = new Set(['duration', 'total_duration'])

function withoutFields(names: ReadonlySet<string>, value: Json): Json {
  return isJsonObject(value) ? Object.fromEntries(Object.entries(value).filter(([name]) => !names.has(name))) : value
}

// queue items also have a status and a result
const isStepValue = (value: JsonObject) =>
  typeof value.status === 'string' && Object.hasOwn(value, 'result') && !Object.hasOwn(value, 'item')
