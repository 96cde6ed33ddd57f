import { fitsIn, LIMITS } from '../../../kernel/limits.ts'
import type { Json } from '../../../kernel/schema.ts'
import type { GroupEnd } from '../../plan/messages/step-end.ts'

/** What became of a group in one message, or in one of each of its steps when that is too long. */
export function groupEnds(told: GroupEnd): readonly [Json, ...Json[]] {
  if (fitsIn(told, LIMITS.body)) return [told as unknown as Json]
  const { type, of } = told
  const each: readonly GroupEnd[] = [
    ...told.ends.map((end) => ({ type, of, ends: [end], apart: [] })),
    ...told.apart.map((one) => ({ type, of, ends: [], apart: [one] })),
  ]
  return each as unknown as [Json, ...Json[]]
}
