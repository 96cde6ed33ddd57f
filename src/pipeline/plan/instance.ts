import { type CompiledPipeline, type CompiledStep, compiledStepAt } from './compiled.ts'

/** An execution of a step in a run: a node of the graph, and the iteration of each loop around it, outermost first. */
export type StepInstance = { readonly node: string; readonly indices: readonly number[] }

/** The id of an instance: `read`, or `<loop>_<index>_<child>` for a body step, nested for nested loops. */
export function instanceId({ node, indices }: StepInstance): string {
  let id = ''
  let from = 0
  for (const index of indices) {
    const dot = node.indexOf('.', from)
    id += `${node.slice(from, dot)}_${index}_`
    from = dot + 1
  }
  return id + node.slice(from)
}

/** Parses an id; undefined when the pipeline has no such step. The compiler rejects ids with two readings. */
export function parseInstance(pipeline: CompiledPipeline, id: string): StepInstance | undefined {
  if (id.includes('.')) return undefined
  if (Object.hasOwn(pipeline.steps, id)) return { node: id, indices: NO_LOOP }
  const known = knownIn(pipeline)
  const instance = known.get(id) ?? parseWithin(pipeline, '', id, [])
  if (known.size >= MAX_CACHED_INSTANCES) known.clear()
  if (instance) known.set(id, instance)
  return instance
}

/** The instance with an id that this program made. TypeError when the pipeline has no such step. */
export function instanceOf(pipeline: CompiledPipeline, id: string): StepInstance {
  const instance = parseInstance(pipeline, id)
  if (!instance) throw new TypeError(`pipeline ${pipeline.name} has no step ${id}`)
  return instance
}

/** The step that an instance executes. TypeError when the pipeline has no such step. */
export function stepOf(pipeline: CompiledPipeline, id: string): CompiledStep {
  return compiledStepAt(pipeline, instanceOf(pipeline, id).node)
}

const NO_LOOP: readonly number[] = []

/** Size of the cache of parsed ids: a body id is parsed about ten times per step, and fewer than this are in flight. */
const MAX_CACHED_INSTANCES = 4096
const parsedInstances = new WeakMap<CompiledPipeline, Map<string, StepInstance>>()

function knownIn(pipeline: CompiledPipeline): Map<string, StepInstance> {
  const known = parsedInstances.get(pipeline) ?? new Map<string, StepInstance>()
  parsedInstances.set(pipeline, known)
  return known
}

function parseWithin(
  pipeline: CompiledPipeline,
  around: string,
  id: string,
  indices: readonly number[],
): StepInstance | undefined {
  const node = around + id
  if (Object.hasOwn(pipeline.steps, node)) return { node, indices }
  for (const { 0: between, 1: index, index: at } of id.matchAll(INDEX_SEPARATOR)) {
    const loop = around + id.slice(0, at)
    if (!isLoop(pipeline, loop)) continue
    const found = parseWithin(pipeline, `${loop}.`, id.slice(at + between.length), [...indices, Number(index)])
    if (found) return found
  }
  return undefined
}

/** The separator between a loop and its child. An id begins with a letter. */
export const INDEX_SEPARATOR = /_(\d+)_(?=[a-zA-Z])/g

export function isLoop({ steps }: CompiledPipeline, node: string): boolean {
  return Object.hasOwn(steps, node) && steps[node]!.work.type === 'loop'
}

/** Whether the node is in the body of a loop. */
export const isInBody = (node: string): boolean => node.includes('.')

/** A step's own name, without those of the loops around it. */
export const stepName = (node: string): string => node.slice(node.lastIndexOf('.') + 1)

/** The loop whose iteration an instance belongs to. */
export function loopAround({ node, indices }: StepInstance): StepInstance | undefined {
  const dot = node.lastIndexOf('.')
  return dot < 0 ? undefined : { node: node.slice(0, dot), indices: indices.slice(0, -1) }
}

/** All loops an instance is in, the innermost first. */
export function loopsAround(instance: StepInstance): readonly StepInstance[] {
  const loops: StepInstance[] = []
  for (let loop = loopAround(instance); loop; loop = loopAround(loop)) loops.push(loop)
  return loops
}

/** The instance of another node in the same iterations of the loops that both are in. */
export function instanceOfNode({ indices }: StepInstance, node: string): StepInstance {
  return { node, indices: indices.length === 0 ? indices : indices.slice(0, depthOf(node)) }
}

const depthOf = (node: string): number => node.split('.').length - 1

/** The instance from which reads are resolved. A loop that evaluates conditions reads like a step of the next turn. */
export function readingInstance(instance: StepInstance, turn: number | undefined): StepInstance {
  return turn === undefined ? instance : { node: instance.node, indices: [...instance.indices, turn] }
}

/** Prefix of a read that means the previous iteration. */
export const PREVIOUS_ITERATION = '<'

/** The instance that a read refers to; undefined before the first iteration. */
export function resolveRead(from: StepInstance, read: string): StepInstance | undefined {
  if (!read.startsWith(PREVIOUS_ITERATION)) return instanceOfNode(from, read)
  const { node, indices } = instanceOfNode(from, read.slice(PREVIOUS_ITERATION.length))
  const index = indices.length < depthOf(node) ? 0 : indices.at(-1)!
  return index === 0 ? undefined : { node, indices: [...indices.slice(0, -1), index - 1] }
}

/** The name of the part that records the progress of an open loop. */
export const loopPartName = (id: string) => `loop/${id}`
