import type { CompiledPipeline, CompiledStep, StepWork } from '../../src/pipeline/plan/compiled.ts'
import { isInBody } from '../../src/pipeline/plan/instance.ts'

export type Node = {
  readonly needs?: readonly string[]
  readonly onFailure?: 'continue'
  readonly loop?: LoopSketch
}
type LoopSketch = { readonly maxParallel: number; readonly body: Sketch }
/** Steps by their ids, each with its edges, or its edges alone. */
export type Sketch = { readonly [id: string]: Node | readonly string[] }

/** A compiled pipeline from a sketch of its edges; what its steps do is left to the test. */
export function graphOf(sketch: Sketch, outputs = false): CompiledPipeline {
  const steps: { [node: string]: CompiledStep } = Object.fromEntries(stepsOf(sketch, ''))
  const graph = Object.entries(steps).filter(([node]) => !isInBody(node))
  const roots = graph.filter(([, { edges }]) => edges.needs.length === 0).map(([id]) => id)
  if (outputs) steps.outputs = { ...step('outputs', {}), work: { type: 'outputs', values: {} } }
  return { id: 'graph', name: 'graph', inputs: {}, names: [], roots, size: graph.length, steps }
}

function stepsOf(sketch: Sketch, prefix: string): (readonly [string, CompiledStep])[] {
  const nodes = Object.entries(sketch).map(([id, node]) => [id, isEdges(node) ? { needs: node } : node] as const)
  return nodes.flatMap(([id, node]) => {
    const { needs = [], loop } = node
    const dependents = nodes.filter(([, other]) => other.needs?.includes(id)).map(([other]) => `${prefix}${other}`)
    const edges = { needs: needs.map((need) => `${prefix}${need}`), dependents, reads: [] }
    const linked = { ...step(id, node), edges }
    const body = loop ? stepsOf(loop.body, `${prefix}${id}.`) : []
    return [[`${prefix}${id}`, loop ? { ...linked, work: loopWork(`${prefix}${id}.`, loop) } : linked], ...body]
  })
}

const isEdges = (node: Node | readonly string[]): node is readonly string[] => Array.isArray(node)

const TOOL: StepWork = { type: 'tool', tool: 'none', parameters: {} }

function loopWork(prefix: string, { maxParallel, body }: LoopSketch): StepWork {
  const nodes = Object.entries(body).map(([id, node]) => [`${prefix}${id}`, isEdges(node) ? node : node.needs] as const)
  const roots = nodes.filter(([, needs = []]) => needs.length === 0).map(([node]) => node)
  const shape = { kind: 'list', shape: 'for_each', list: [], variable: 'item', name: prefix } as const
  return { type: 'loop', ...shape, body: nodes.map(([node]) => node), roots, maxParallel }
}

function step(id: string, { onFailure }: Node): CompiledStep {
  const edges = { needs: [], dependents: [], reads: [] }
  const policy = { effect: 'pure', attempts: 1 } as const
  return { id, work: TOOL, edges, policy, ...(onFailure && { recovery: { onFailure } }) }
}
