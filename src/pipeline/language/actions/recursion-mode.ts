import { z } from 'zod'
import { TerminalError } from '../../../errors.ts'
import type { Json } from '../../../kernel/schema.ts'

/** Whether the question of a step goes round again: as Understanding decides, or never. */
export const recursion = z.enum(['auto', 'never'])

/** Why it cannot wait for decisions, and what can. */
export const IN_STEPS = {
  message: 'a chain in a step does not wait for decisions: `recursion` is auto or never',
  hint: 'let an `approval-gate` step decide on its answer, or ask outside of a pipeline: antiphon ask --recursion step',
} as const

/** What a step says of it, once it is rendered; TerminalError when it is neither. */
export function recursionOf(value: Json | undefined): { readonly recursion?: z.infer<typeof recursion> } {
  if (value === undefined) return {}
  const { data } = recursion.safeParse(value)
  if (data) return { recursion: data }
  if (value === 'step') throw new TerminalError(IN_STEPS.message, { code: 'not_supported', hint: IN_STEPS.hint })
  throw new TerminalError('parameters.recursion: auto or never', { code: 'bad_value' })
}
