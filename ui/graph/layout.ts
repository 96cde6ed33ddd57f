import { addTo } from '../lib/group.ts'
import { type Graph, type GraphNode, levelsOf } from './graph.ts'

/** A node at its place; what is in it stands at places within it. */
export type Placed = Box & { readonly node: GraphNode; readonly turns: readonly PlacedTurn[] }

type PlacedTurn = Box & { readonly index: number; readonly layout: Layout }

type Box = { readonly x: number; readonly y: number; readonly width: number; readonly height: number }

/** A drawing: nodes, the points of edges, and its size. */
export type Layout = {
  readonly nodes: readonly Placed[]
  readonly edges: readonly Edge[]
  readonly width: number
  readonly height: number
}

/** An edge, from the lower side of a node to the upper side of another one. */
export type Edge = { readonly from: string; readonly to: string; readonly points: readonly Point[] }

type Point = { readonly x: number; readonly y: number }

const NODE = { width: 196, height: 48 } as const
const GAP = { x: 20, y: 40 } as const
/** The way of an edge past the nodes of a level. */
const PASS_WIDTH = 12
const LOOP = { head: 40, pad: 14, turnHead: 22, maxWidth: 760 } as const
const SWEEPS = 4
/** Above this many items, the order of the author is not improved: it would take long. */
const MAX_SORTED = 2000

type Item = { readonly id: string; readonly width: number; readonly height: number }

/** Lays out a graph in levels, from above to below. Pure: the same graph always has the same drawing. */
export function layoutOf(graph: Graph): Layout {
  const sized = new Map(graph.nodes.map((node) => [node.id, sizeOf(node)]))
  const level = levelsOf(graph.nodes, graph.edges)
  const { items, links, ways } = withPasses(graph, level, sized)
  const ordered = order(items, links)
  const xs = horizontal(ordered, links)
  const tops = verticals(ordered)
  const nodes = graph.nodes.map((node): Placed => {
    const { width, height, turns } = sized.get(node.id)!
    return { node, turns, width, height, x: xs.get(node.id)! - width / 2, y: tops[level.get(node.id)!]!.top }
  })
  const byId = new Map(nodes.map((placed) => [placed.node.id, placed]))
  const edges = ways.map(({ from, to, passes }): Edge => {
    const [above, under] = [byId.get(from)!, byId.get(to)!]
    const start = { x: above.x + above.width / 2, y: above.y + above.height }
    const end = { x: under.x + under.width / 2, y: under.y }
    const between = passes.flatMap((id, index) => {
      const { top, height } = tops[level.get(from)! + 1 + index]!
      return [
        { x: xs.get(id)!, y: top },
        { x: xs.get(id)!, y: top + height },
      ]
    })
    return { from, to, points: [start, ...between, end] }
  })
  const width = Math.max(0, ...nodes.map((one) => one.x + one.width))
  const height = Math.max(0, ...nodes.map((one) => one.y + one.height))
  return { nodes, edges, width, height }
}

type Sized = { readonly width: number; readonly height: number; readonly turns: readonly PlacedTurn[] }

/** The size of a node; an open loop has its iterations in rows. */
function sizeOf(node: GraphNode): Sized {
  if (node.kind !== 'loop' || !node.inside) return { ...NODE, turns: [] }
  let [x, y, rowHeight, width] = [LOOP.pad, LOOP.head, 0, NODE.width + 2 * LOOP.pad]
  const turns = node.inside.map(({ index, graph }): PlacedTurn => {
    const layout = layoutOf(graph)
    if (x > LOOP.pad && x + layout.width > LOOP.maxWidth) {
      x = LOOP.pad
      y += rowHeight + LOOP.pad
      rowHeight = 0
    }
    const turn = { index, layout, x, y, width: layout.width, height: layout.height + LOOP.turnHead }
    x += layout.width + GAP.x
    rowHeight = Math.max(rowHeight, turn.height)
    width = Math.max(width, turn.x + turn.width + LOOP.pad)
    return turn
  })
  return { width, height: y + rowHeight + LOOP.pad, turns }
}

type Links = readonly (readonly [above: string, below: string])[]
type Way = { readonly from: string; readonly to: string; readonly passes: readonly string[] }

/** The items of each level: nodes, and the passes of edges that are longer than one level. */
function withPasses({ nodes, edges }: Graph, level: ReadonlyMap<string, number>, sized: ReadonlyMap<string, Sized>) {
  const items: Item[][] = []
  const add = (at: number, item: Item) => {
    while (items.length <= at) items.push([])
    items[at]!.push(item)
  }
  for (const { id } of nodes) add(level.get(id)!, { id, ...sized.get(id)! })
  const links: (readonly [string, string])[] = []
  const ways = edges.flatMap(([from, to]): readonly Way[] => {
    const [first, last] = [level.get(from)!, level.get(to)!]
    if (last <= first) return []
    const passes = Array.from({ length: last - first - 1 }, (_, index) => `${from}\n${to}\n${index}`)
    for (const [index, id] of passes.entries()) add(first + 1 + index, { id, width: PASS_WIDTH, height: 0 })
    const chain = [from, ...passes, to]
    for (const [index, id] of chain.slice(1).entries()) links.push([chain[index]!, id])
    return [{ from, to, passes }]
  })
  return { items, links: links as Links, ways }
}

function neighbours(links: Links) {
  const [above, below] = [new Map<string, string[]>(), new Map<string, string[]>()]
  for (const [from, to] of links) {
    addTo(below, from, to)
    addTo(above, to, from)
  }
  return { above, below }
}

const mean = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0) / values.length

/** Orders each level so that few edges cross: by the middle of the neighbours, several times. */
function order(levels: readonly (readonly Item[])[], links: Links): readonly (readonly Item[])[] {
  const { above, below } = neighbours(links)
  const ordered = levels.map((items) => [...items])
  if (ordered.flat().length > MAX_SORTED) return ordered
  for (let sweep = 0; sweep < SWEEPS; sweep++) {
    const isDown = sweep % 2 === 0
    const near = isDown ? above : below
    for (let step = 1; step < ordered.length; step++) {
      const at = isDown ? step : ordered.length - 1 - step
      const place = new Map(ordered[isDown ? at - 1 : at + 1]!.map(({ id }, index) => [id, index]))
      const items = ordered[at]!
      const rank = new Map(
        items.map(({ id }, index) => {
          const places = (near.get(id) ?? []).flatMap((other) => place.get(other) ?? [])
          return [id, places.length === 0 ? index : mean(places)]
        }),
      )
      ordered[at] = items.toSorted((a, b) => rank.get(a.id)! - rank.get(b.id)!)
    }
  }
  return ordered
}

/** The middle of each item: as near to its neighbours as the items beside it allow. */
function horizontal(levels: readonly (readonly Item[])[], links: Links): ReadonlyMap<string, number> {
  const { above, below } = neighbours(links)
  const xs = new Map<string, number>()
  for (const items of levels)
    place(
      items,
      items.map(() => 0),
      xs,
    )
  for (let sweep = 0; sweep < SWEEPS; sweep++) {
    const near = sweep % 2 === 0 ? above : below
    for (const items of sweep % 2 === 0 ? levels : levels.toReversed()) {
      const wished = items.map(({ id }) => {
        const others = (near.get(id) ?? []).flatMap((other) => xs.get(other) ?? [])
        return others.length === 0 ? xs.get(id)! : mean(others)
      })
      place(items, wished, xs)
    }
  }
  const left = Math.min(0, ...levels.flat().map(({ id, width }) => xs.get(id)! - width / 2))
  for (const [id, x] of xs) xs.set(id, x - left)
  return xs
}

/** Places the items of a level in their order, with the least squares of distances from the wished middles. */
function place(items: readonly Item[], wished: readonly number[], xs: Map<string, number>): void {
  const offsets: number[] = []
  for (const [index, { width }] of items.entries()) {
    const before = items[index - 1]
    offsets.push(before ? offsets[index - 1]! + (before.width + width) / 2 + GAP.x : 0)
  }
  // blocks of items that touch each other move together
  const blocks: { sum: number; count: number }[] = []
  for (const [index, wish] of wished.entries()) {
    let block = { sum: wish - offsets[index]!, count: 1 }
    for (let last = blocks.at(-1); last && last.sum / last.count > block.sum / block.count; last = blocks.at(-1)) {
      blocks.pop()
      block = { sum: block.sum + last.sum, count: block.count + last.count }
    }
    blocks.push(block)
  }
  let index = 0
  for (const { sum, count } of blocks)
    for (let left = count; left > 0; left--) {
      xs.set(items[index]!.id, sum / count + offsets[index]!)
      index++
    }
}

function verticals(levels: readonly (readonly Item[])[]) {
  let y = 0
  return levels.map((items) => {
    const height = Math.max(0, ...items.map((item) => item.height))
    const top = y
    y += height + GAP.y
    return { top, height }
  })
}
