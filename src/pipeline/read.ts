import { NotFoundError } from '../errors.ts'
import type { Json } from '../kernel/schema.ts'
import type { ActorRef } from '../kernel/types.ts'
import { type CompiledPipeline, OUTPUTS } from './compiled.ts'
import { type Instance, isInBody, loopsAround, parseInstance, partName } from './instance.ts'
import { isOver, type RunState, type StepPart } from './state.ts'
import { justBefore, type ReadParts, type Ref, readRef, type Values } from './values.ts'
import type { StepValue } from './view.ts'
import type { Made } from './work/made.ts'
import type { ModelUse } from './work/model-use.ts'
import { runRef } from './work/reads.ts'

/** What this folder needs of an engine to show a run. */
export interface RunView {
  peek(of: ActorRef): Promise<Json | undefined>
  parts: ReadParts
}

/** A run as it stands, with all its steps. Times in ms. */
export type RunDocument = {
  readonly id: string
  readonly name: string
  readonly status: string
  /** of a run that is over: whether nothing failed that nobody dealt with */
  readonly success?: boolean
  /** something stood in for a step that failed */
  readonly degraded?: true
  readonly startedAt: number
  readonly finishedAt?: number
  readonly outputs?: Json
  readonly warnings?: readonly string[]
  readonly problem?: Json
  readonly done: number
  readonly failed: number
  readonly skipped: number
  /** the files its steps said they make */
  readonly artifacts?: readonly (Made & { readonly step: string })[]
  readonly steps: readonly StepDocument[]
}
export type StepDocument = {
  readonly id: string
  readonly status: string
  readonly attempts?: number
  readonly ms?: number
  readonly key?: string
  readonly result?: Json
  readonly problem?: Json
  readonly reason?: string
  /** the models that answered for it, what they took and why they were asked */
  readonly models?: readonly ModelUse[]
  /** the step whose route passed over it */
  readonly by?: string
  /** whether what it did was undone, and why not */
  readonly undone?: boolean
  readonly undoProblem?: Json
  /** what was done about its failure */
  readonly handled?: string
  readonly degraded?: true
  /** when its next attempt is due: ms since the epoch */
  readonly until?: number
  /** it was taken over from an earlier run, at no cost */
  readonly reused?: true
}

/** Characters of JSON of all results that a document shows; what comes later is named by its hash. */
const SHOWN = 8 * 1024 * 1024

/** A run as it stands; NotFoundError when there is none of that id. Results beyond 8 MiB in all are given as `{ blob }`. */
export async function readRun(view: RunView, values: Values, id: string): Promise<RunDocument> {
  const state = (await view.peek(runRef(id))) as RunState | undefined
  if (!state || state.status === 'new') throw new NotFoundError(`there is no run ${id}`)
  const pipeline = (await values.get(state.pipeline)) as unknown as CompiledPipeline
  const parts = await readSteps(view, id)
  const show = shower(values)
  const { result: outputs, warnings } = parts.get(OUTPUTS) ?? {}
  const steps: StepDocument[] = []
  const order = inOrder(pipeline, parts)
  for (const step of order) steps.push(await documentOf(step, parts.get(step), state, show))
  const artifacts = order.flatMap((step) => {
    const made = parts.get(step)?.artifact
    return made ? [{ step, ...made }] : []
  })
  const { name, status, startedAt, finishedAt, done, failed, skipped, problem, unhandled = 0, degraded } = state
  return {
    id,
    name,
    status,
    ...(isOver(state) && { success: status === 'completed' && unhandled === 0 }),
    ...(degraded && { degraded }),
    startedAt,
    ...(finishedAt !== undefined && { finishedAt }),
    ...(outputs && { outputs: await show(outputs) }),
    ...(warnings && { warnings }),
    ...(artifacts.length > 0 && { artifacts }),
    ...(problem && { problem: problem as Json }),
    done,
    failed,
    skipped,
    steps,
  }
}

type Steps = ReadonlyMap<string, StepPart>

async function readSteps(view: RunView, id: string): Promise<Steps> {
  const steps = new Map<string, StepPart>()
  for await (const [name, part] of view.parts(runRef(id), { prefix: partName(''), after: justBefore(partName('')) }))
    steps.set(name.slice(partName('').length), part as unknown as StepPart)
  return steps
}

/** The ids of all steps as the author ordered them, a loop before its iterations. */
function inOrder(pipeline: CompiledPipeline, parts: Steps): readonly string[] {
  const nodes = Object.keys(pipeline.steps)
  const rank = new Map(nodes.map((node, index) => [node, index]))
  const graph = nodes.filter((node) => node !== OUTPUTS && !isInBody(node))
  const places = [...new Set([...graph, ...parts.keys()])].flatMap((id) => {
    const instance = id === OUTPUTS ? undefined : parseInstance(pipeline, id)
    return instance ? [{ id, place: placeOf(instance, rank) }] : []
  })
  return places.sort((a, b) => compare(a.place, b.place)).map(({ id }) => id)
}

/** The ranks of the loops around it, each with the iteration, and its own. */
function placeOf(instance: Instance, rank: ReadonlyMap<string, number>): readonly number[] {
  const loops = loopsAround(instance).toReversed()
  const around = loops.flatMap(({ node }, depth) => [rank.get(node)!, instance.indices[depth]!])
  return [...around, rank.get(instance.node)!]
}

function compare(a: readonly number[], b: readonly number[]): number {
  const differing = a.findIndex((number, index) => number !== b[index])
  return differing < 0 ? a.length - b.length : a[differing]! - (b[differing] ?? -1)
}

type Show = (ref: Ref) => Promise<Json>

async function documentOf(id: string, part: StepPart | undefined, run: RunState, show: Show): Promise<StepDocument> {
  const { attempts, ms, key, result, problem, reason = reasonOf(part, run), models } = part ?? {}
  const { by, handled, degraded, until, same, undone, undoProblem } = part ?? {}
  const value = result && ((await show(result)) as StepValue | { readonly blob: string })
  return {
    id,
    status: statusOf(part, run),
    ...(attempts !== undefined && { attempts }),
    ...(ms !== undefined && { ms }),
    ...(key !== undefined && { key }),
    ...(value && { result: 'blob' in value ? value : value.result }),
    ...(problem && { problem: problem as Json }),
    ...(reason !== undefined && { reason }),
    ...(models && { models }),
    ...(by !== undefined && { by }),
    ...(undone !== undefined && { undone }),
    ...(undoProblem && { undoProblem: undoProblem as Json }),
    ...(handled !== undefined && { handled }),
    ...(degraded && { degraded }),
    ...(until !== undefined && { until }),
    ...(same && attempts === 0 && { reused: true }),
  }
}

/** Why what never ended in a run that is over did not. */
function reasonOf(part: StepPart | undefined, run: RunState): string | undefined {
  if (statusOf(part, run) !== 'skipped' || part?.status === 'skipped') return undefined
  return run.status === 'completed' ? 'not_reached' : 'aborted'
}

/** What did not get to its end in a run that is over was skipped, or called off with it. */
function statusOf(part: StepPart | undefined, run: RunState): string {
  const status = part?.status ?? 'queued'
  if (status === 'completed' || status === 'failed' || status === 'skipped') return status
  if (!isOver(run) && part?.until !== undefined) return 'waiting'
  if (!isOver(run)) return status === 'running' ? 'running' : 'queued'
  return status === 'running' ? 'cancelled' : 'skipped'
}

function shower(values: Values): Show {
  let left = SHOWN
  return async (ref) => {
    if (left <= 0 && 'blob' in ref) return ref
    const value = await readRef(values, ref)
    if ('blob' in ref) left -= JSON.stringify(value).length
    return value
  }
}
