import type { Json } from '../kernel/schema.ts'
import type { RunEvent } from './advance.ts'
import { partName } from './instance.ts'
import { byName } from './parts.ts'
import { shortPart } from './short.ts'
import type { StepPart } from './state.ts'

type Parts = { readonly [name: string]: Json | null }

/** Of the parts that an event changed those of the steps that ended, with when: in a segment one after another, the last when the event was sent. */
export function withTimes(parts: Parts, event: RunEvent, sentAt: number): Parts {
  if (event.type !== 'step-end' && event.type !== 'segment-end' && event.type !== 'group-end') return {}
  const timed = byName<Json>()
  let at = sentAt
  for (const { step, ms } of event.type === 'step-end' ? [event] : event.ends.toReversed()) {
    const name = partName(step)
    const part = parts[name] as StepPart | null | undefined
    if (part?.status === 'completed' || part?.status === 'failed') timed[name] = shortPart({ ...part, at })
    if (event.type === 'segment-end') at -= ms
  }
  return timed
}
