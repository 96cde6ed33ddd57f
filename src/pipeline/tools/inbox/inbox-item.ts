import { TerminalError } from '../../../errors.ts'
import type { Json } from '../../../kernel/schema.ts'
import type { Question } from '../../plan/callback.ts'
import type { Job } from '../../step/context.ts'
import type { Shown } from './shown.ts'

/** Characters of a title that are kept. */
const LONGEST = 4000

/** A question to whoever answers by the signal named after the step; `limit` in seconds, 0 for none. */
export function askPeople(
  job: Job,
  shown: Shown,
  { name, limit = 0, memo }: { name?: string; limit?: number; memo?: Json },
): Question {
  return {
    to: { signal: name ?? job.start.step },
    body: { ...shown, title: shown.title.slice(0, LONGEST) } as unknown as Json,
    ...(limit > 0 && { limit: Math.ceil(limit * 1000) }),
    ...(memo !== undefined && { memo }),
  }
}

/** Where an answer may come from: `cli` is the terminal that follows the run, all else is the inbox. */
export type Place = 'cli' | 'gui' | 'api'

/** Whether somebody can be asked: in the inbox always, at a terminal when somebody follows the run at one. */
export function canAsk({ start }: Job, context: Place): boolean {
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
