import type { Json } from '../../../kernel/schema.ts'
import { oneLine } from '../../render/draw.ts'

type Told = {
  readonly type?: string
  readonly prompt?: string
  readonly phase?: string
  readonly cycle?: number
  readonly decision?: string
  readonly reason?: string
  readonly status?: string
  readonly problem?: { readonly message: string }
}

/** What is said of an event of a thread that a view shows by its picture; undefined: nothing. */
export function askWords(body: Json): string | undefined {
  const { type, prompt = '', phase, cycle = 1, decision, reason, status, problem } = body as Told
  switch (type) {
    case 'ask-queue':
      return 'a question waits behind others'
    case 'ask-start':
      return `asked: ${oneLine(prompt, 180)}`
    case 'phase-start':
      return `${phase}  begins${cycle > 1 ? `, cycle ${cycle}` : ''}`
    case 'decision':
      return decision === 'yield' ? `on to the answer: ${reason}` : undefined
    case 'ask-end':
      return `${status}${problem ? `: ${problem.message}` : ''}`
    default:
      return undefined
  }
}
