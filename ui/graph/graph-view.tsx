import { useMemo } from 'preact/hooks'
import type { StepRow } from '../../src/client.ts'
import { counted, formatSpan } from '../lib/format.ts'
import { openIn, route, setStep, toggleOpen } from '../lib/router.ts'
import { Empty, Status } from '../parts/basics.tsx'
import { countStatuses, statusOf } from '../timeline/stretches.ts'
import { type GraphNode, graphOf } from './graph.ts'
import { type Edge, type Layout, layoutOf, type Placed } from './layout.ts'

type Props = { readonly steps: readonly StepRow[]; readonly chosen?: string | undefined }

/** Loops with more steps are closed at first, and all of them in a large run. */
const MAX_OPEN_LOOP = 16
const LARGE = 300
const MARGIN = 20
/** The height of the heading of an iteration. */
const TURN_HEAD = 22

/** The steps of a run as a graph, from above to below. Loops and wide levels open on demand. */
export function GraphView({ steps, chosen }: Props) {
  const toggled = route.value.query.get('open')
  const layout = useMemo(() => {
    const ids = openIn(route.peek().query)
    const isOpenAtFirst = (id: string, size: number) =>
      steps.length <= LARGE && size <= MAX_OPEN_LOOP && !id.startsWith('level ')
    return layoutOf(graphOf(steps, (id, size) => isOpenAtFirst(id, size) !== ids.has(id)))
  }, [steps, toggled])
  if (steps.length === 0) return <Empty title="This run has no steps." />
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: a box that scrolls is reached by the keyboard
    <section class="graph" tabIndex={0} aria-label="Graph of the steps">
      <Drawing layout={layout} chosen={chosen} prefix="" />
    </section>
  )
}

type DrawingProps = { readonly layout: Layout; readonly chosen: string | undefined; readonly prefix: string }

function Drawing({ layout, chosen, prefix }: DrawingProps) {
  const { width, height, nodes, edges } = layout
  const margin = prefix === '' ? MARGIN : 0
  return (
    <div class="drawing" style={{ width: px(width + 2 * margin), height: px(height + 2 * margin) }}>
      <svg aria-hidden="true" width={width} height={height} style={{ left: px(margin), top: px(margin) }}>
        {edges.map((edge) => (
          <path key={`${edge.from}\n${edge.to}`} class={classOf(edge, chosen)} d={pathOf(edge)} />
        ))}
      </svg>
      {nodes.map((placed) => (
        <NodeView key={placed.node.id} placed={placed} chosen={chosen} prefix={prefix} margin={margin} />
      ))}
    </div>
  )
}

const px = (value: number) => `${Math.round(value * 10) / 10}px`

const classOf = ({ from, to }: Edge, chosen: string | undefined) =>
  from === chosen || to === chosen ? 'edge chosen' : 'edge'

/** A curve through the points: each piece leaves and arrives from above to below. */
function pathOf({ points }: Edge): string {
  const [first, ...rest] = points
  let before = first!
  const curves = rest.map((point) => {
    const middle = (before.y + point.y) / 2
    const curve = `C${before.x} ${middle} ${point.x} ${middle} ${point.x} ${point.y}`
    before = point
    return curve
  })
  return `M${first!.x} ${first!.y}${curves.join('')}`
}

type NodeProps = Omit<DrawingProps, 'layout'> & { readonly placed: Placed; readonly margin: number }

function NodeView({ placed, chosen, prefix, margin }: NodeProps) {
  const { node, x, y, width, height, turns } = placed
  const place = { left: px(x + margin), top: px(y + margin), width: px(width), height: px(height) }
  const name = node.id.startsWith(prefix) ? node.id.slice(prefix.length) : node.id
  if (node.kind === 'step') return <StepNode node={node} name={name} place={place} isChosen={node.id === chosen} />
  if (turns.length === 0) return <Closed node={node} name={name} place={place} />
  return (
    <div class="loop-box" style={place}>
      <p class="loop-head">
        <button type="button" class="plain" aria-expanded="true" onClick={() => toggleOpen(node.id)}>
          ▾ {name}
        </button>
        <span class="quiet small">
          {node.kind === 'loop' && counted(node.turns, 'turn')}
          {node.kind === 'loop' && node.turns > turns.length && `, the first ${turns.length} are drawn`}
        </span>
        <button type="button" class="plain small" onClick={() => setStep(node.id)}>
          details
        </button>
      </p>
      {turns.map(({ index, layout, ...box }) => (
        <div key={index} class="turn" style={{ left: px(box.x), top: px(box.y), width: px(box.width) }}>
          <p class="quiet small" style={{ height: px(TURN_HEAD) }}>
            turn {index + 1}
          </p>
          <Drawing layout={layout} chosen={chosen} prefix={`${node.id}_${index}_`} />
        </div>
      ))}
    </div>
  )
}

type FaceProps = {
  readonly node: GraphNode
  readonly name: string
  readonly place: { readonly [side: string]: string }
}

function StepNode({ node, name, place, isChosen }: FaceProps & { readonly isChosen: boolean }) {
  const step = node.steps[0]!
  const { waits_for, duration, tool, model, action, reused } = step
  const status = statusOf(step)
  const waits = waits_for === undefined ? '' : ' held'
  return (
    <button
      type="button"
      class={`node is-${status}${waits}${isChosen ? ' chosen' : ''}${reused ? ' reused' : ''}`}
      style={place}
      title={node.id}
      onClick={() => setStep(node.id)}
    >
      <Status of={status} quiet />
      <span class="name">{name}</span>
      <span class="quiet small kind">{waits_for ? WAITS[kindOf(waits_for)] : (model ?? tool ?? action)}</span>
      <span class="quiet small num">{reused ? 'reused' : duration !== null && formatSpan(duration * 1000)}</span>
    </button>
  )
}

const kindOf = (waitsFor: string) => waitsFor.split(':', 1)[0] as keyof typeof WAITS

const WAITS = {
  signal: 'waits for a person',
  budget: 'waits for money',
  code: 'waits for code',
  pool: 'waits for a place',
} as const

/** A closed loop or level: how many steps it has, by status. */
function Closed({ node, name, place }: FaceProps) {
  const { steps } = node
  const own = node.kind === 'loop' ? steps.slice(1) : steps
  const { counts, worst } = countStatuses(own)
  return (
    <button
      type="button"
      class={`node many is-${worst}`}
      style={place}
      aria-expanded="false"
      onClick={() => toggleOpen(node.id)}
    >
      <Status of={worst} quiet />
      <span class="name">▸ {name}</span>
      <span class="quiet small kind">
        {counted(own.length, 'step')}
        {node.kind === 'loop' && `, ${counted(node.turns, 'turn')}`}
      </span>
      <span class="quiet small num">
        {[...counts].filter(([status]) => status !== 'completed').map(([status, count]) => `${count} ${status}`)[0]}
      </span>
    </button>
  )
}
