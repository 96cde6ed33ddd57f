import { budgetRef } from '../../../budget/scope.ts'
import type { BudgetState } from '../../../budget/state.ts'
import { NotFoundError } from '../../../errors.ts'
import { runRef, stepRef } from '../../../house/actors.ts'
import { isJsonObject, type Json } from '../../../kernel/json.ts'
import { justBeforePrefix, type ReadParts } from '../../../kernel/parts.ts'
import { type ActorRef, nameOf } from '../../../kernel/ref.ts'
import { progressPart, type StepProgress } from '../../../step/messages/progress.ts'
import { collectStepParts } from '../../../step/messages/step-parts.ts'
import type { ItemValue, ReferencedValue } from '../../../step/record/item-values.ts'
import { referenceReader, resolveReferences } from '../../../step/record/item-values.ts'
import { type ModelUse, sumTaken } from '../../../step/record/model-use.ts'
import { type CompletedOutcome, OUTPUTS_STEP, resultOf, type StepValue } from '../../../step/record/outcome.ts'
import { readRef, type ValueRef, type ValueStore } from '../../../step/values.ts'
import { contextOf } from '../../../work/origin/call-for.ts'
import { scopeAwaited } from '../../../work/wait.ts'
import { type StepWaitEntry, waitsIn } from '../../actor/waits.ts'
import type { RunDocument, StepDocument } from '../../document.ts'
import { findRunStart, peekRun } from '../../run.ts'
import { runDocument } from './run-document.ts'
import type { FindSteps, KnownStep } from './run-steps.ts'
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
 * Results beyond 8 MiB in all are shown as `{ blob }`. `find`: finds the steps that its language knows.
 */
export async function readRun(view: RunReader, values: ValueStore, id: string, find: FindSteps): Promise<RunDocument> {
  const state = await peekRun(view, id)
  if (!state || state.status === 'new') throw new NotFoundError(`There is no run ${id}.`)
  const parts = await collectStepParts(view.parts, id)
  const known = await find(id, parts.keys())
  const awaited = await awaitedBy(view, id)
  const progress = await progressOf(view.parts, id)
  const show = createValueLoader(values)
  const rendered = parts.get(OUTPUTS_STEP)
  const { result, warnings } = rendered?.status === 'completed' ? rendered : NO_OUTPUTS
  const shown = result && (await show(result))
  const spans = stepSpans(known.steps, parts)
  const steps: StepDocument[] = []
  for (const step of known.steps) {
    const part = parts.get(step.id)
    const ref = resultOf(part)
    const stored = ref && ((await show(ref)) as StoredStep['result'])
    const about = { awaits: awaited.get(step.id), progress: progress.get(step.id), span: spans.get(step.id) }
    steps.push(stepDocument({ step, run: state, part, result: stored, ...about }))
  }
  const context = await contextOf(values, (await findRunStart(id, view.parts))?.workFor)
  const outputs = shown ?? (known.isOfCalls && state.status === 'completed' ? resultsOf(steps) : undefined)
  return runDocument({ id, state, known, steps: withLoopSums(steps, known.steps), parts, outputs, warnings, context })
}

/** The results of calls by their steps, null where one made none. */
function resultsOf(steps: readonly StepDocument[]) {
  return Object.fromEntries(steps.map(({ id, value }) => [id, resultIn(value)]))
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
async function awaitedBy(view: RunReader, id: string): Promise<ReadonlyMap<string, StepWaitEntry>> {
  const all = await Array.fromAsync(waitsIn(view.parts, id))
  const awaited = new Map<string, StepWaitEntry>()
  for (const [name, waits] of Map.groupBy(all, (wait) => wait.name)) {
    const still = await stillUnfunded(
      view,
      id,
      name,
      waits.map(({ step }) => step),
    )
    for (const wait of waits) if (still.includes(wait.step)) awaited.set(wait.step, wait)
  }
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

type Sums = NonNullable<StepDocument['inside']>

/**
 * Adds to each loop what the steps of its iterations took together, also those of loops in it. Usage reused from an
 * earlier run does not count. `known`: those steps, in the same order. Pure.
 */
function withLoopSums(steps: readonly StepDocument[], known: readonly KnownStep[]): readonly StepDocument[] {
  const inside = new Map<string, StepDocument[]>()
  for (const [index, { within = [] }] of known.entries())
    for (const loop of within) {
      const found = inside.get(loop)
      if (found) found.push(steps[index]!)
      else inside.set(loop, [steps[index]!])
    }
  if (inside.size === 0) return steps
  return steps.map((step) => {
    const found = inside.get(step.id)
    // the time of a loop is that of its steps, which count themselves
    return found
      ? {
          ...step,
          inside: sumsOf(
            found.filter(({ id }) => !inside.has(id)),
            found,
          ),
        }
      : step
  })
}

function sumsOf(leaves: readonly StepDocument[], all: readonly StepDocument[]): Sums {
  const uses: readonly ModelUse[] = all.flatMap(({ models = [], reused }) => (reused ? [] : models))
  const ms = leaves.reduce((sum, { duration, reused }) => sum + (reused ? 0 : Math.round((duration ?? 0) * 1000)), 0)
  return { steps: leaves.length, duration: ms / 1000, ...sumTaken(uses) }
}
