import { type CompiledPipeline, OUTPUTS } from '../plan/compiled.ts'
import { type Instance, isInBody, loopsAround, parseInstance } from '../plan/instance.ts'

/** All steps of the graph, and those of `known`, as the author ordered them: a loop before its iterations. */
export function inOrder(pipeline: CompiledPipeline, known: Iterable<string>): readonly Instance[] {
  const nodes = Object.keys(pipeline.steps)
  const rank = new Map(nodes.map((node, index) => [node, index]))
  const graph = nodes.filter((node) => node !== OUTPUTS && !isInBody(node))
  const places = [...new Set([...graph, ...known])].flatMap((id) => {
    const instance = id === OUTPUTS ? undefined : parseInstance(pipeline, id)
    return instance ? [{ instance, place: placeOf(instance, rank) }] : []
  })
  return places.sort((a, b) => compare(a.place, b.place)).map(({ instance }) => instance)
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
