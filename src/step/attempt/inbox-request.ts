import { TerminalError } from '../../errors.ts'
import type { Json } from '../../kernel/json.ts'
import type { StepContext } from '../call/context.ts'
import type { CallbackRequest } from '../messages/callback.ts'
import type { InboxPrompt } from '../messages/inbox-prompt.ts'

const MAX_TITLE_CHARS = 4000

/** A request to people, answered by the signal named after the step. `limit` is in seconds, 0 for none. */
export function inboxRequest(
  stepContext: StepContext,
  shown: InboxPrompt,
  { name, limit = 0, memo }: { name?: string; limit?: number; memo?: Json },
): CallbackRequest {
  return {
    to: { signal: name ?? stepContext.start.step },
    body: { ...shown, title: shown.title.slice(0, MAX_TITLE_CHARS) },
    ...(limit > 0 && { limit: Math.ceil(limit * 1000) }),
    ...(memo !== undefined && { memo }),
  }
}

/** Where an answer may come from: `cli` is the terminal that follows the run; the others mean the inbox. */
type AnswerChannel = 'cli' | 'gui' | 'api'

/** Whether a person can be asked: always in the inbox, and at a terminal when one follows the run. */
export function canAskPeople({ start }: StepContext, context: AnswerChannel): boolean {
  return context !== 'cli' || start.run.provenance?.interactive === true
}

/** The failure of a step that may ask only at a terminal. */
export function noTerminal(what: string): TerminalError {
  return new TerminalError(
    `${what} needs a terminal, and none is attached to this run. Run the pipeline in a terminal, give the question a default, ` +
      'or set `context: api` so that it waits for an answer through `antiphon inbox`.',
    { code: 'no_terminal' },
  )
}
