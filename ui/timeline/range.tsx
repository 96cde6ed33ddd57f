import { useRef, useState } from 'preact/hooks'
import { formatSpan } from '../lib/format.ts'
import { setQuery } from '../lib/router.ts'
import { momentAt, type Timeline } from './timeline.ts'

/** A range of time. In the address it is `FROM-TO`, in ms after the begin of the run. */
type Range = { readonly from: number; readonly to: number }

export function rangeIn(text: string | null, zero: number): Range | undefined {
  const [, from, to] = /^(\d{1,15})-(\d{1,15})$/.exec(text ?? '') ?? []
  return from === undefined || Number(to) <= Number(from)
    ? undefined
    : { from: zero + Number(from), to: zero + Number(to) }
}

const setRange = ({ from, to }: Range, zero: number) =>
  setQuery({ range: `${Math.floor(from - zero)}-${Math.ceil(to - zero)}` })

/** The range that is shown, and the ways to another one. */
export function ZoomBar({
  range,
  zero,
  shown,
  all,
}: {
  readonly range: Range
  readonly zero: number
  readonly shown: number
  readonly all: number
}) {
  const half = (range.to - range.from) / 2
  const move = (by: number) => {
    const from = Math.max(zero, range.from + by)
    setRange({ from, to: from + 2 * half }, zero)
  }
  return (
    <p class="zoom small" role="status">
      <span>
        {`+${formatSpan(range.from - zero)} to +${formatSpan(range.to - zero)}`}
        <span class="quiet">{` · ${shown} of ${all} steps`}</span>
      </span>
      <button type="button" class="plain" onClick={() => move(-half)}>
        Earlier
      </button>
      <button type="button" class="plain" onClick={() => move(half)}>
        Later
      </button>
      <button type="button" class="plain" onClick={() => setQuery({ range: '' })}>
        Whole run
      </button>
    </p>
  )
}

/** Pixels that a pointer moves at least to choose a range. */
const MIN_DRAG = 6

type Drag = { readonly left: number; readonly width: number; readonly begin: number; readonly at: number }

/** A pointer that is dragged over the charts chooses a range. */
export function useRangeDrag(timeline: Timeline, zero: number) {
  const [dragged, setDragged] = useState<Drag | undefined>()
  const box = useRef<DOMRect | undefined>(undefined)
  const drag = {
    onPointerDown(event: PointerEvent & { readonly currentTarget: HTMLElement }) {
      const chart = (event.target as Element).closest?.('.chart')
      if (!chart || event.button !== 0 || event.pointerType === 'touch') return
      event.preventDefault()
      const { left, width } = chart.getBoundingClientRect()
      box.current = event.currentTarget.getBoundingClientRect()
      event.currentTarget.setPointerCapture(event.pointerId)
      setDragged({ left, width, begin: event.clientX, at: event.clientX })
    },
    onPointerMove(event: PointerEvent) {
      if (dragged) setDragged({ ...dragged, at: event.clientX })
    },
    onPointerUp() {
      setDragged(undefined)
      if (!dragged || Math.abs(dragged.at - dragged.begin) < MIN_DRAG) return
      const [from, to] = ends(dragged).map((x) => momentAt(timeline, (x - dragged.left) / dragged.width))
      if (to! > from!) setRange({ from: from!, to: to! }, zero)
    },
    onPointerCancel: () => setDragged(undefined),
  }
  const [first, last] = dragged ? ends(dragged) : [0, 0]
  const isDragged = dragged && box.current && last - first >= MIN_DRAG
  return {
    drag,
    selection: isDragged ? { left: `${first - box.current!.left}px`, width: `${last - first}px` } : undefined,
  }
}

/** Both ends of the dragged way, within the chart. */
function ends({ left, width, begin, at }: Drag): readonly [number, number] {
  const within = (x: number) => Math.min(left + width, Math.max(left, x))
  return [within(Math.min(begin, at)), within(Math.max(begin, at))]
}
