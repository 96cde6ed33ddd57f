import type { KeyScope } from '../../access/api-key.ts'

/** The caller of a request: its owner, key, scopes, and whether it is the local user. */
export type Caller = {
  readonly owner: string
  readonly key?: string
  readonly scopes: readonly KeyScope[]
  readonly local: boolean
}

/** The user of the data folder, over its socket. */
export const LOCAL: Caller = { owner: 'local', scopes: ['admin'], local: true }

/** The caller of a route without authentication. */
export const NOBODY: Caller = { owner: '', scopes: [], local: false }
