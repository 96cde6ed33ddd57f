import { checkUse, REMEMBERED } from '../envelope.ts'
import type { InlineDisk } from './disk.ts'

/** Whether an id from outside came before, for the same; for something else it throws. Forgets those of long ago. */
export function isKnown({ known }: InlineDisk, id: string, use: string, now: number): boolean {
  for (const [old, { at }] of known) {
    if (at >= now - REMEMBERED) break
    known.delete(old)
  }
  const first = known.get(id)
  if (first) checkUse(first.use, use, id)
  return first !== undefined
}
