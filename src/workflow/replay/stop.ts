import type { WorkflowOperation } from './operation.ts'
import { type FoundOperation, type Mismatch, remediesOf } from './remedies.ts'

/** How an execution stands. */
export type ExecutionState =
  | { readonly type: 'waits' }
  | { readonly type: 'done'; readonly value: unknown }
  | { readonly type: 'failed'; readonly error: unknown }
  /** the code of the workflow is not that of its history, or it waits for something that no operation brings */
  | { readonly type: 'stopped'; readonly stop: Stop }

/** Why an execution stopped, in a sentence, with the places as `file:line`, and what to do. */
export type Stop = {
  readonly reason: 'diverged' | 'foreign-wait'
  readonly message: string
  readonly hint: string
}

/** The code begins other operations than the run has recorded. */
export function diverged(name: string, mismatch: Mismatch, state: ExecutionState): Stop {
  const { recorded, found } = mismatch
  const [type, id, at] = recorded
  const before = quoted({ type, id, ...(at !== undefined && { at }) })
  const now = found ? `begins ${quoted(found)}` : endsBefore(state)
  return {
    reason: 'diverged',
    message: `The workflow ${name} has changed: the run began ${before}, and the code now ${now}.`,
    hint: remediesOf(mismatch),
  }
}

function endsBefore(state: ExecutionState): string {
  if (state.type === 'done') return 'returns before it'
  if (state.type !== 'failed') return 'does not begin it'
  const { message = state.error } = (state.error ?? {}) as { readonly message?: unknown }
  return `fails before it: ${message}`.slice(0, MAX_QUOTE)
}

const MAX_QUOTE = 500

/** A new operation has a name that `renamed` gave away. */
export const usedAgain = (name: string, found: FoundOperation, now: string): Stop => ({
  reason: 'diverged',
  message: `The workflow ${name} begins ${quoted(found)}, a name that ctx.renamed gave to \`${now}\`.`,
  hint: 'Give the new operation another name: records of runs could mean either.',
})

/** The function waits for something that no operation brings. */
export function foreignWait(name: string, last: WorkflowOperation | undefined, at: string | undefined): Stop {
  const after = last ? `after ${quoted(last)}` : 'at its beginning'
  const place = at === undefined ? after : `before ${at}`
  return {
    reason: 'foreign-wait',
    message: `The workflow ${name} waits for something that no operation brings, ${place}.`,
    hint: 'Put the timer, the file or the request into a step: await ctx.step(name, () => …). For a pause: await ctx.sleep(time).',
  }
}

const quoted = ({ type, id, at }: FoundOperation) => `${type} \`${id}\`${at === undefined ? '' : ` at ${at}`}`
