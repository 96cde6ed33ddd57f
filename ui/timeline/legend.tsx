import type { ComponentChildren } from 'preact'
import { useMemo } from 'preact/hooks'
import type { Stretch } from './stretches.ts'
import type { Timeline } from './timeline.ts'

type Sign = { readonly kinds: readonly Stretch['kind'][]; readonly says: string; readonly shape: ComponentChildren }

const box = <rect x="1" y="1" width="26" height="12" rx="3" />
const SIGNS: readonly Sign[] = [
  { kinds: ['work'], says: 'works', shape: <rect class="bar work is-completed" width="28" height="14" rx="3" /> },
  { kinds: ['place'], says: 'waits for a place', shape: <line class="bar place" x2="28" y1="7" y2="7" /> },
  { kinds: ['pause'], says: 'pause before another attempt', shape: <line class="bar pause" x2="28" y1="7" y2="7" /> },
  {
    kinds: ['person', 'money', 'code', 'sleep', 'off'],
    says: 'waits for a person, money, code, a time or a process',
    shape: <g class="bar person">{box}</g>,
  },
]
const FOLD = (
  <g class="fold">
    <rect width="28" height="14" />
  </g>
)

/** The signs of a timeline, as far as it has them. */
export function Legend({ lines, pieces }: Pick<Timeline, 'lines' | 'pieces'>) {
  const kinds = useMemo(() => new Set(lines.flatMap(({ stretches }) => stretches.map(({ kind }) => kind))), [lines])
  return (
    <p class="legend small quiet">
      {SIGNS.filter((sign) => sign.kinds.some((kind) => kinds.has(kind))).map(({ says, shape }) => (
        <Entry key={says} says={says} shape={shape} />
      ))}
      {pieces.some(({ isFolded }) => isFolded) && <Entry says="cut out: nothing works" shape={FOLD} />}
      <Entry says="the critical path" shape={<rect class="path-mark" width="28" height="3" y="6" />} />
    </p>
  )
}

const Entry = ({ says, shape }: Pick<Sign, 'says' | 'shape'>) => (
  <span>
    <svg viewBox="0 0 28 14" aria-hidden="true">
      {shape}
    </svg>
    {says}
  </span>
)
