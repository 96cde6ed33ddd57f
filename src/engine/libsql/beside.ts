import type { Json } from '../../kernel/schema.ts'
import type { Numbered } from '../engine.ts'
import type { Unsaved } from './resident.ts'

/** Events that follow one another in one piece of work: the number of the first, and the bodies of all. */
export type Stretch = readonly [first: number, correlationId: string, bodies: readonly Json[]]

/** Few and small enough to be read whole whenever one of them is read. */
const LIMITS = { parts: 64, events: 256, characters: 32 * 1024 } as const

/** The parts and events of an actor as text to lie beside its cell; null when there are none, or too many. */
export function besideCell({ parts, events }: Unsaved): string | null {
  const count = parts.size + events.length
  if (count === 0 || parts.size > LIMITS.parts || events.length > LIMITS.events) return null
  const text = JSON.stringify({ p: [...parts].filter(([, value]) => value !== null), e: stretchesOf(events) })
  return text.length > LIMITS.characters ? null : text
}

/** Numbered events without what each has in common with the one before. */
export function stretchesOf(events: readonly Numbered[]): readonly Stretch[] {
  const stretches: [number, string, Json[]][] = []
  for (const { n, correlationId, body } of events) {
    const last = stretches.at(-1)
    if (last && last[1] === correlationId && last[0] + last[2].length === n) last[2].push(body)
    else stretches.push([n, correlationId, [body]])
  }
  return stretches
}
