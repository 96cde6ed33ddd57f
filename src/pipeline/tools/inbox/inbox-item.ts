import { TerminalError } from '../../../errors.ts'
import type { Json } from '../../../kernel/schema.ts'
import type { CallbackRequest } from '../../plan/callback.ts'
import type { ValueRef } from '../../plan/refs.ts'
import type { StepContext } from '../../step/context.ts'

/** Characters of a title that are kept. */
const LONGEST = 4000

/** A question to whoever answers by the signal named after the step; `limit` in seconds, 0 for none. */
export function askPeople(
  stepContext: StepContext,
  shown: Shown,
  { name, limit = 0, memo }: { name?: string; limit?: number; memo?: Json },
): CallbackRequest {
  return {
    to: { signal: name ?? stepContext.start.step },
    body: { ...shown, title: shown.title.slice(0, LONGEST) } as unknown as Json,
    ...(limit > 0 && { limit: Math.ceil(limit * 1000) }),
    ...(memo !== undefined && { memo }),
  }
}

/** Where an answer may come from: `cli` is the terminal that follows the run, all else is the inbox. */
type Place = 'cli' | 'gui' | 'api'

/** Whether somebody can be asked: in the inbox always, at a terminal when somebody follows the run at one. */
export function canAsk({ start }: StepContext, context: Place): boolean {
  return context !== 'cli' || start.provenance?.interactive === true
}

/** The failure of a step that may ask at a terminal only. */
export function nobodyThere(what: string): TerminalError {
  return new TerminalError(
    `${what} is asked at a terminal, and nobody follows the run at one. Run it in a terminal, give it a default, ` +
      'or say `context: api`: then it waits until somebody answers by `antiphon inbox`.',
    { code: 'no_terminal' },
  )
}

/** What people are shown of a step that waits for them. */
export type Shown = {
  readonly kind: 'prompt' | 'approval' | 'feedback' | 'signal' | 'money'
  /** what is asked, in some words */
  readonly title: string
  /** what it is about; may be long */
  readonly content?: ValueRef
  /** what an answer looks like */
  readonly expects: Expected
}

/** What an answer may be. */
export type Expected = {
  readonly type: 'text' | 'multiline' | 'number' | 'boolean' | 'choice' | 'approval' | 'answers' | 'any' | 'money'
  readonly choices?: readonly Json[]
  /** what an answer of nothing means */
  readonly default?: Json
  readonly pattern?: string
  /** a decision without a reason is refused */
  readonly reason?: boolean
  readonly questions?: readonly { readonly [field: string]: Json }[]
}
