import type { Scope } from '../access/scopes.ts'

/** Who asks, and what for: whose things these are, by which key, and whether it is the user of the data folder. */
export type Caller = {
  readonly owner: string
  readonly key?: string
  readonly scopes: readonly Scope[]
  readonly local: boolean
}

/** The user of the data folder, over its socket. */
export const LOCAL: Caller = { owner: 'local', scopes: ['admin'], local: true }

/** Who asks where everybody may. */
export const NOBODY: Caller = { owner: '', scopes: [], local: false }
