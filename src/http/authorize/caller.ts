import type { KeyScope } from '../../access/api-key.ts'
import { TerminalError } from '../../errors.ts'

/** Who asks, and what for: whose things these are, by which key, and whether it is the user of the data folder. */
export type Caller = {
  readonly owner: string
  readonly key?: string
  readonly scopes: readonly KeyScope[]
  readonly local: boolean
}

/** The user of the data folder, over its socket. */
export const LOCAL: Caller = { owner: 'local', scopes: ['admin'], local: true }

/** Who asks where everybody may. */
export const NOBODY: Caller = { owner: '', scopes: [], local: false }

/** What is thrown when a key may not do this. */
export function scopeMissing(scope: KeyScope): TerminalError {
  const hint = `Use a key that was made with --scope ${scope}.`
  return new TerminalError(`The scope ${scope} is required.`, { code: 'scope_missing', hint })
}

/** What is thrown when who asks over the network wants what only the user of the data folder may. */
export function localOnly(): TerminalError {
  return new TerminalError('Only the user of the data folder may do this, on its own machine.', { code: 'local_only' })
}
