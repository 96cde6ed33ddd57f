import { expect, test } from 'vitest'
import type { StepRow } from '../../src/client.ts'
import { type Graph, graphOf, levelsOf } from '../../ui/graph/graph.ts'
import { type Layout, layoutOf } from '../../ui/graph/layout.ts'
import { withoutChance } from '../../ui/run/workflow-rows.ts'
import { fc } from '../property.ts'

const row = (id: string, dependencies: readonly string[] = []) => ({ id, dependencies, status: 'completed' }) as StepRow

const closed = () => false
const open = () => true

test('a loop is one node with its counts, and has its iterations when it is open', () => {
  const rows = [row('a'), row('each', ['a']), row('each_0_x'), row('each_0_y', ['each_0_x']), row('each_1_x')]
  expect(graphOf(rows, closed)).toMatchObject({
    nodes: [{ id: 'a' }, { id: 'each', kind: 'loop', turns: 2 }],
    edges: [['a', 'each']],
  })
  const [, loop] = graphOf(rows, open).nodes
  expect(loop).toMatchObject({
    inside: [
      { index: 0, graph: { nodes: [{ id: 'each_0_x' }, { id: 'each_0_y' }], edges: [['each_0_x', 'each_0_y']] } },
      { index: 1, graph: { nodes: [{ id: 'each_1_x' }] } },
    ],
  })
  // a step whose name looks like one of a loop is none
  expect(graphOf([row('a_1_b')], open).nodes[0]!.kind).toBe('step')
})

test('above 100 nodes a wide level is one node, and no step is lost', () => {
  const wide = Array.from({ length: 5000 }, (_, n) => row(`s${n}`, ['first']))
  const rows = [
    row('first'),
    ...wide,
    row(
      'last',
      wide.map(({ id }) => id),
    ),
  ]
  const graph = graphOf(rows, closed)
  expect(graph.nodes.map(({ kind, steps }) => [kind, steps.length])).toEqual([
    ['step', 1],
    ['level', 5000],
    ['step', 1],
  ])
  expect(graph.edges).toEqual([
    ['first', 'level 2'],
    ['level 2', 'last'],
  ])
  const opened = graphOf(rows, (id) => id === 'level 2')
  expect(opened.nodes.length).toBe(203)
  expect(opened.nodes.reduce((sum, { steps }) => sum + steps.length, 0)).toBe(rows.length)
})

/** A graph whose steps wait for earlier ones; some are in a loop. */
const rows = fc
  .array(fc.tuple(fc.array(fc.nat(60), { maxLength: 4 }), fc.boolean()), { minLength: 1, maxLength: 60 })
  .map((given) => [
    ...given.map(([needs, isLoop], n) =>
      row(isLoop ? `loop${n}` : `s${n}`, [
        ...new Set(needs.filter((need) => need < n).map((need) => (given[need]![1] ? `loop${need}` : `s${need}`))),
      ]),
    ),
    ...given.flatMap(([needs, isLoop], n) =>
      isLoop ? needs.map((_, turn) => row(`loop${n}_${turn}_body`, turn > 0 ? [`loop${n}_0_body`] : [])) : [],
    ),
  ])

test('no two nodes overlap, edges lead down, and the same graph has the same drawing', () => {
  fc.assert(
    fc.property(rows, fc.boolean(), (steps, isOpen) => {
      const graph = graphOf(steps, () => isOpen)
      const layout = layoutOf(graph)
      check(graph, layout)
      expect(layoutOf(graph)).toEqual(layout)
    }),
    { numRuns: 60 },
  )
})

function check(graph: Graph, { nodes, edges, width, height }: Layout): void {
  expect(nodes.map(({ node }) => node.id).sort()).toEqual(graph.nodes.map(({ id }) => id).sort())
  expect(edges.length).toBe(graph.edges.length)
  const level = levelsOf(graph.nodes, graph.edges)
  for (const [from, to] of graph.edges) expect(level.get(from)!).toBeLessThan(level.get(to)!)
  for (const [index, one] of nodes.entries()) {
    expect(one.x >= -0.01 && one.y >= 0 && one.x + one.width <= width + 0.01 && one.y + one.height <= height).toBe(true)
    for (const other of nodes.slice(index + 1)) {
      const isBeside = one.x + one.width <= other.x + 0.01 || other.x + other.width <= one.x + 0.01
      const isAbove = one.y + one.height <= other.y || other.y + other.height <= one.y
      expect(isBeside || isAbove).toBe(true)
    }
    for (const { layout, ...box } of one.turns) {
      expect(box.x >= 0 && box.x + box.width <= one.width && box.y + box.height <= one.height).toBe(true)
      expect(layout.nodes.length).toBeGreaterThan(0)
    }
  }
  for (const { points } of edges)
    for (const [index, point] of points.slice(1).entries()) expect(point.y).toBeGreaterThanOrEqual(points[index]!.y)
}

test('items of `ctx.map` have no arrows between them, and steps of one branch have theirs', () => {
  const time = (ms: number) => new Date(ms).toISOString()
  const op = (id: string, began: number, ended: number | null, dependencies: readonly string[] = []) =>
    ({ ...row(id, dependencies), ready_at: time(began), completed_at: ended === null ? null : time(ended) }) as StepRow
  const rows = [
    op('load', 0, 10),
    op('fetch', 10, 20, ['load']),
    op('fetch#2', 10, 30, ['load']),
    // two items at once: the third one begins when the first one has ended
    op('save', 20, 40, ['fetch']),
    op('save#2', 30, 60, ['fetch#2']),
    op('fetch#3', 40, 50, ['save']),
    // two ended before they began: which of them each needs is not known
    op('tell', 60, null, ['fetch#3', 'save#2']),
    op('tell#2', 60, null, ['fetch#3', 'fetch#2']),
    // one after the other
    op('wait', 70, 80, ['tell']),
    op('wait#2', 80, 90, ['wait']),
    // a join
    op('sum', 90, 95, ['save', 'save#2', 'wait#2']),
  ]
  expect(withoutChance(rows).map(({ id, dependencies }) => [id, dependencies.join(' ')])).toEqual([
    ['load', ''],
    ['fetch', 'load'],
    ['fetch#2', 'load'],
    ['save', 'fetch'],
    ['save#2', 'fetch#2'],
    ['fetch#3', ''],
    ['tell', 'fetch#3 save#2'],
    ['tell#2', ''],
    ['wait', 'tell'],
    ['wait#2', 'wait'],
    ['sum', 'save save#2 wait#2'],
  ])
})
