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
import { openJob, type Trial } from './attempt.ts'
import type { PipelineServices } from './context.ts'
import { execute } from './execute.ts'
import { modelsIn } from './model-call/model-request.ts'
import { digestOfPins } from './model-call/pinned-files.ts'
import type { Outcome } from './outcome.ts'
import { itemReader, withItems } from './values/item-values.ts'
import { findPart } from './values/step-values.ts'
import { type Followed, followedBy } from './values/upstream.ts'

/** What an earlier run has recorded of this step when nothing that it rests on has changed; else its work is done, and compared with that. */
export async function executeUnlessRecorded(trial: Trial, recorded: ValueRef): Promise<Outcome> {
  const { services, open, start } = trial
  const pipeline = await open()
  const instance = parseInstance(pipeline, start.step)!
  const known = (await readRef(services.values, recorded)) as unknown as ReuseSource
  const { run } = known
  const earlier = await findPart(run, instanceId(instance), services.readParts)
  const isKept =
    earlier &&
    isWork(pipeline, instance) &&
    !isInvalidated(known, instance.node) &&
    earlier.files === digestOfPins(start.answers)
  const kept = isKept && !isOtherModel(earlier, pipeline, instance, known, services) ? endIn(earlier) : undefined
  if (
    kept &&
    (await isUntouched({ services, pipeline, instance, start, run })) &&
    (!known.looks || (await isLookedAsBefore(trial, earlier!)))
  )
    return kept
  const outcome = await execute(trial)
  return earlier && !('type' in outcome) ? markSame(services, outcome, earlier) : outcome
}

/** The end of a step that was done although one is recorded: it says when it came to the same. */
export async function compared<End extends StepOutcome>(
  services: PipelineServices,
  recorded: ValueRef,
  step: string,
  end: End,
): Promise<End> {
  const { run } = (await readRef(services.values, recorded)) as unknown as ReuseSource
  const earlier = await findPart(run, step, services.readParts)
  return earlier ? markSame(services, end, earlier) : end
}

async function markSame<End extends StepOutcome>(
  { values }: PipelineServices,
  end: End,
  earlier: StepPart,
): Promise<End> {
  return (await isSame(values, end, earlier)) ? { ...end, same: true } : end
}

/** Loops go over what there is, and outputs are told, anew each time: that costs nothing. */
function isWork(pipeline: CompiledPipeline, { node }: StepInstance): boolean {
  const { type } = compiledStepAt(pipeline, node).work
  return type !== 'loop' && type !== 'outputs'
}

/** Whether another model would be asked now where the author named none: another is the default one, or meets what the step needs. */
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
  const named = 'parameters' in step.work ? modelsIn(step.work.parameters) : []
  if (!own || own.standard || named.length > 0) return false
  const needs = step.modelNeeds ?? pipeline.model?.needs
  return needs !== undefined && chosenNow(needs, services) !== wanted(own)
}

function chosenNow(needs: ModelNeeds, { models }: PipelineServices): string | undefined {
  try {
    return models.choose(needs).id
  } catch {
    // who is to do it will say that nobody can
    return undefined
  }
}

/** Whether the files that its texts ask for are those of before, and hold the same. */
async function isLookedAsBefore(trial: Trial, { looked }: StepPart): Promise<boolean> {
  try {
    return (await openJob(trial)).looked === looked
  } catch (error) {
    if (trial.call.signal.aborted || isInterruption(error)) throw error
    // who does it says what is wrong with them
    return false
  }
}

/** What can be taken over of a step: what it came to, or that its condition did not hold. */
function endIn({
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

type Place = {
  readonly services: PipelineServices
  readonly pipeline: CompiledPipeline
  readonly instance: StepInstance
  readonly start: StepStart
  readonly run: string
}

async function isUntouched({ services, pipeline, instance, start, run }: Place): Promise<boolean> {
  for await (const followed of followedBy(pipeline, instance, start, services))
    if (!(await isAsBefore(followed, services, run))) return false
  for (const loop of loopsAround(instance)) {
    const { list } = start.loops?.[loop.node] ?? {}
    if (!isDeepStrictEqual(list, (await findPart(run, instanceId(loop), services.readParts))?.list)) return false
  }
  return true
}

/** Who is passed over compares nothing itself. */
async function isAsBefore({ instance, read }: Followed, { readParts }: PipelineServices, run: string) {
  if (read.same || read.status !== 'skipped') return read.same === true
  const before = await findPart(run, instanceId(instance), readParts)
  return before?.status === 'skipped' && before.reason === read.reason
}

/** Whether a step came to what is recorded of it, however long that took. */
export async function isSame(values: ValueStore, outcome: StepOutcome, earlier: StepPart): Promise<boolean> {
  if (outcome.status !== earlier.status || outcome.reason !== earlier.reason) return false
  if (!outcome.result || !earlier.result) return outcome.result === earlier.result
  const [now, before] = [await wholeOf(values, outcome.result), await wholeOf(values, earlier.result)]
  return isDeepStrictEqual(whatOf(now), whatOf(before))
}

async function wholeOf(values: ValueStore, ref: ValueRef): Promise<Json> {
  const value = await readRef(values, ref)
  return isJsonObject(value) && value.named
    ? ((await withItems(value as unknown as StepValue, itemReader(values))) as unknown as Json)
    : value
}

/** Of a step's value all but how long anything took; what is called so in the data of others stays. */
function whatOf(value: Json): Json {
  if (!isJsonObject(value)) return value
  const { duration: _, ...what } = value
  const { loop, result = null } = what
  return { ...what, result: loop === undefined ? whatOfTool(result) : whatOfRows(result) }
}

/** A run below has another id each time. */
function whatOfTool(result: Json): Json {
  const isRun = isJsonObject(result) && Object.hasOwn(result, 'run_id') && Object.hasOwn(result, 'call_stack')
  return without(isRun ? OF_RUNS : OF_TOOLS, result)
}

/** The result of a loop has the values of its steps in it, wherever its kind puts them. */
function whatOfRows(rows: Json): Json {
  if (Array.isArray(rows)) return rows.map(whatOfRows)
  if (!isJsonObject(rows)) return rows
  if (isStepValue(rows)) return whatOf(rows)
  const fields = Object.entries(without(OF_LOOPS, rows) as JsonObject)
  return Object.fromEntries(fields.map(([name, field]) => [name, name === 'item' ? field : whatOfRows(field)]))
}

const OF_TOOLS: ReadonlySet<string> = new Set(['execution_time', 'response_time'])

const OF_RUNS: ReadonlySet<string> = new Set([...OF_TOOLS, 'run_id', 'retries'])

const OF_LOOPS: ReadonlySet<string> = new Set(['duration', 'total_duration'])

function without(names: ReadonlySet<string>, value: Json): Json {
  return isJsonObject(value) ? Object.fromEntries(Object.entries(value).filter(([name]) => !names.has(name))) : value
}

// what a queue tells of an item has a status and a result, too
const isStepValue = (value: JsonObject) =>
  typeof value.status === 'string' && Object.hasOwn(value, 'result') && !Object.hasOwn(value, 'item')
