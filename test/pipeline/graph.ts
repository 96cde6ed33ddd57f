import type { CompiledPipeline, CompiledStep, Work } from '../../src/pipeline/compiled.ts'

type Node = { readonly needs?: readonly string[]; readonly onFailure?: 'fail' | 'continue'; readonly loop?: LoopSketch }
type LoopSketch = { readonly maxParallel: number; readonly body: { readonly [child: string]: readonly string[] } }

/** A compiled pipeline from a sketch of its edges; what its steps do is left to the test. */
export function graphOf(sketch: { readonly [id: string]: Node }, outputs = false): CompiledPipeline {
  const steps: { [node: string]: CompiledStep } = {}
  const edges = Object.entries(sketch).map(([id, { needs = [] }]) => [id, needs] as const)
  for (const [id, { needs = [], onFailure = 'fail', loop }] of Object.entries(sketch)) {
    steps[id] = step(id, needs, dependentsIn(edges, id), onFailure, loop ? loopWork(id, loop) : TOOL)
    for (const [child, siblings] of Object.entries(loop?.body ?? {})) {
      const inner = Object.entries(loop!.body).map(([name, names]) => [`${id}.${name}`, names.map(at(id))] as const)
      const node = `${id}.${child}`
      steps[node] = { ...step(child, siblings.map(at(id)), dependentsIn(inner, node), 'fail', TOOL), loop: id }
    }
  }
  const roots = edges.filter(([, needs]) => needs.length === 0).map(([id]) => id)
  if (outputs) steps.outputs = step('outputs', [], [], 'fail', { type: 'outputs', values: {} })
  return { v: 1, id: 'graph', name: 'graph', inputs: {}, names: [], roots, size: edges.length, steps }
}

const TOOL: Work = { type: 'tool', tool: 'none', parameters: {} }
const at = (loop: string) => (child: string) => `${loop}.${child}`

function loopWork(id: string, { maxParallel, body }: LoopSketch): Work {
  const children = Object.entries(body)
  const roots = children.filter(([, needs]) => needs.length === 0).map(([child]) => at(id)(child))
  const nodes = children.map(([child]) => at(id)(child))
  return { type: 'loop', list: [], body: nodes, roots, maxParallel, variable: 'item', name: id }
}

function dependentsIn(edges: readonly (readonly [string, readonly string[]])[], id: string): readonly string[] {
  return edges.filter(([, needs]) => needs.includes(id)).map(([other]) => other)
}

function step(
  id: string,
  needs: readonly string[],
  dependents: readonly string[],
  onFailure: 'fail' | 'continue',
  work: Work,
): CompiledStep {
  return { id, work, needs, dependents, reads: [], onFailure, effect: 'pure', attempts: 1, insists: false }
}
