import type { CompiledPipeline } from './compiled.ts'

/** One execution of a step in a run: a node of the graph, and of a loop's body the iteration. */
export type Instance = { readonly node: string; readonly index?: number }

/** The id an instance is shown and kept under: `read`, or of a body step `<loop>_<index>_<child>`. */
export function instanceId({ node, index }: Instance): string {
  if (index === undefined) return node
  const dot = node.indexOf('.')
  return `${node.slice(0, dot)}_${index}_${node.slice(dot + 1)}`
}

/** The instance an id stands for; `compile` sees to it that there is one reading. Undefined: the pipeline has no such step. */
export function parseInstance(pipeline: CompiledPipeline, id: string): Instance | undefined {
  if (Object.hasOwn(pipeline.steps, id) && !pipeline.steps[id]!.loop) return { node: id }
  for (const match of id.matchAll(/_(\d+)(?=_)/g)) {
    const node = `${id.slice(0, match.index)}.${id.slice(match.index + match[0].length + 1)}`
    if (Object.hasOwn(pipeline.steps, node)) return { node, index: Number(match[1]) }
  }
  return undefined
}

/** The instance of another node as seen from this one: a sibling is of the same iteration. */
export function sibling(pipeline: CompiledPipeline, from: Instance, node: string): Instance {
  const inBody = pipeline.steps[node]?.loop !== undefined
  return inBody && from.index !== undefined ? { node, index: from.index } : { node }
}

/** The name of the part of a run that keeps an instance. */
export const partName = (id: string) => `step/${id}`
