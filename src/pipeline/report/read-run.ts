import { budgetRef } from '../../budget/scope.ts'
import type { BudgetState } from '../../budget/state.ts'
import { NotFoundError } from '../../errors.ts'
import { runRef, stepRef } from '../../house/actors.ts'
import { isJsonObject } from '../../kernel/json.ts'
import { justBeforePrefix, type ReadParts } from '../../kernel/parts.ts'
import { nameOf } from '../../kernel/ref.ts'
import type { Json } from '../../kernel/schema.ts'
import type { ActorRef } from '../../kernel/types.ts'
import { waitsIn } from '../../run/actor/waits.ts'
import type { RunDocument, StepDocument } from '../../run/document.ts'
import { findRunStart } from '../../run/records.ts'
import { isCallId } from '../../step/messages/call-names.ts'
import { progressPart, type StepProgress } from '../../step/messages/progress.ts'
import { collectStepParts } from '../../step/messages/step-parts.ts'
import { type CompletedOutcome, OUTPUTS_STEP, resultOf, type StepValue } from '../../step/record/outcome.ts'
import { readRef, type ValueRef, type ValueStore } from '../../step/values.ts'
import { contextOf } from '../../work/origin/call-for.ts'
import { scopeAwaited } from '../../work/wait.ts'
import type { CompiledPipeline } from '../plan/compiled.ts'
import { instanceId, isInBody, loopsAround, parseInstance, type StepInstance } from '../plan/instance.ts'
import { openPipeline } from '../plan/open-pipeline.ts'
import { peekRunState, type RunState } from '../plan/run-state.ts'
import { type ItemValue, type ReferencedValue, referenceReader, resolveReferences } from '../step/values/item-values.ts'
import { withLoopSums } from './loop-sums.ts'
import { runDocument } from './run-document.ts'
import { type StoredStep, stepDocument } from './step-document.ts'
import { stepSpans } from './step-times.ts'

/** The part of an engine that reports read from. */
export interface RunReader {
  peek(of: ActorRef): Promise<Json | undefined>
  parts: ReadParts
}

const isValue = (value: Json): value is Json & StepValue =>
  typeof value === 'object' && value !== null && 'named' in value && 'loop' in value && 'status' in value

/** Characters of JSON of all results that a document shows. Later ones are shown as their hashes. */
const MAX_SHOWN_CHARS = 8 * 1024 * 1024

const NO_OUTPUTS: Partial<CompletedOutcome> = {}

/**
 * A run as it stands. NotFoundError when there is none with this id.
 * Results beyond 8 MiB in all are shown as `{ blob }`. `open`: finds its steps; absent: those of its stored pipeline.
 */
export async function readRun(
  view: RunReader,
  values: ValueStore,
  id: string,
  open = (state: RunState) => openPipeline(values, state.pipeline),
): Promise<RunDocument> {
  const state = await peekRunState(view, id)
  if (!state || state.status === 'new') throw new NotFoundError(`There is no run ${id}.`)
  const pipeline = await open(state)
  const parts = await collectStepParts(view.parts, id)
  const awaited = await awaitedBy(view, id)
  const progress = await progressOf(view.parts, id)
  const show = createValueLoader(values)
  const rendered = parts.get(OUTPUTS_STEP)
  const { result, warnings } = rendered?.status === 'completed' ? rendered : NO_OUTPUTS
  const shown = result && (await show(result))
  const steps: StepDocument[] = []
  const instances = inOrder(pipeline, parts.keys())
  const spans = stepSpans(instances, parts)
  for (const instance of instances) {
    const step = instanceId(instance)
    const part = parts.get(step)
    const ref = resultOf(part)
    const stored = ref && ((await show(ref)) as StoredStep['result'])
    const about = {
      part,
      awaits: awaited.get(step),
      progress: progress.get(step),
      result: stored,
      span: spans.get(step),
    }
    steps.push(stepDocument({ pipeline, run: state, instance, ...about }))
  }
  const start = await findRunStart(id, view.parts)
  const context = await contextOf(values, start?.workFor)
  const outputs = shown ?? outputsOfCalls(pipeline, state, steps)
  return runDocument({ id, state, pipeline, steps: withLoopSums(steps, instances), parts, outputs, warnings, context })
}

/** The results of a goal's calls by their steps, null where one made none: its run has no step that renders outputs. */
function outputsOfCalls(pipeline: CompiledPipeline, { status }: RunState, steps: readonly StepDocument[]) {
  const isOfCalls = !(OUTPUTS_STEP in pipeline.steps) && Object.keys(pipeline.inputs).some(isCallId)
  if (!isOfCalls || status !== 'completed') return undefined
  const calls = steps.filter(({ id }) => isCallId(id))
  return Object.fromEntries(calls.map(({ id, value }) => [id, resultIn(value)]))
}

/** The result in the value of a step; a value that is not shown stands for itself. */
const resultIn = (value: Json): Json => (isJsonObject(value) && !('blob' in value) ? (value.result ?? null) : value)

/** How far steps say that they are. */
async function progressOf(readParts: ReadParts, id: string): Promise<ReadonlyMap<string, StepProgress>> {
  const found = new Map<string, StepProgress>()
  const prefix = progressPart()
  for await (const [name, part] of readParts(runRef(id), { prefix, after: justBeforePrefix(prefix) }))
    found.set(name.slice(prefix.length), part as StepProgress)
  return found
}

/** The signals and budgets that steps wait for. */
async function awaitedBy(view: RunReader, id: string): Promise<ReadonlyMap<string, string>> {
  const waits = new Map<string, string[]>()
  for await (const { name, step } of waitsIn(view.parts, id)) {
    const steps = waits.get(name)
    if (steps) steps.push(step)
    else waits.set(name, [step])
  }
  const awaited = new Map<string, string>()
  for (const [name, steps] of waits)
    for (const step of await stillUnfunded(view, id, name, steps)) awaited.set(step, name)
  return awaited
}

/** The steps that still wait for budget. One that has got it is running, although it is listed. */
async function stillUnfunded({ peek }: RunReader, run: string, name: string, steps: readonly string[]) {
  const scope = scopeAwaited(name)
  if (scope === undefined) return steps
  const { waiting = [] } = ((await peek(budgetRef(scope))) ?? {}) as Partial<BudgetState>
  const short = new Set(waiting.map(({ by }) => by))
  return steps.filter((step) => short.has(nameOf(stepRef(run, step))))
}

function createValueLoader(values: ValueStore): (ref: ValueRef) => Promise<Json> {
  let left = MAX_SHOWN_CHARS
  const readItem = referenceReader(values)
  return async (ref) => {
    if (left <= 0 && 'blob' in ref) return ref
    const value = await readRef(values, ref)
    if ('blob' in ref) left -= JSON.stringify(value).length
    return isValue(value) ? await resolveReferences(value, showItem) : value
  }

  async function showItem(named: ReferencedValue): Promise<ItemValue> {
    if (left <= 0) return named
    const value = await readItem(named)
    left -= JSON.stringify(value).length
    return value
  }
}

/** All steps of the graph, and those of `known`, in the author's order: a loop before its iterations. */
function inOrder(pipeline: CompiledPipeline, known: Iterable<string>): readonly StepInstance[] {
  const nodes = Object.keys(pipeline.steps)
  const rank = new Map(nodes.map((node, index) => [node, index]))
  const graph = nodes.filter((node) => node !== OUTPUTS_STEP && !isInBody(node))
  const places = [...new Set([...graph, ...known])].flatMap((id) => {
    const instance = id === OUTPUTS_STEP ? undefined : parseInstance(pipeline, id)
    return instance ? [{ instance, place: placeOf(instance, rank) }] : []
  })
  return places.sort((a, b) => compare(a.place, b.place)).map(({ instance }) => instance)
}

/** The ranks of the loops around an instance, each with its iteration, then its own rank. */
function placeOf(instance: StepInstance, rank: ReadonlyMap<string, number>): readonly number[] {
  const loops = loopsAround(instance).toReversed()
  const around = loops.flatMap(({ node }, depth) => [rank.get(node)!, instance.indices[depth]!])
  return [...around, rank.get(instance.node)!]
}

function compare(a: readonly number[], b: readonly number[]): number {
  const differing = a.findIndex((number, index) => number !== b[index])
  return differing < 0 ? a.length - b.length : a[differing]! - (b[differing] ?? -1)
}
