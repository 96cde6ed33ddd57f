import type { KeyScope } from '../../house/scope.ts'
import type { Json } from '../../kernel/schema.ts'

/** The caller of a request: its owner, key, scopes, and whether it is the local user. */
export type Caller = {
  /** for staff, a name that no owner has */
  readonly owner: string
  readonly key?: string
  /** the name of the key */
  readonly keyName?: string
  readonly scopes: readonly KeyScope[]
  readonly local: boolean
  /**
   * comes through a handler of the program; `agents`: those that the handler offers; `context`: the context that the
   * tools of the visitor's work get
   */
  readonly visitor?: { readonly agents: readonly string[]; readonly context?: Json }
  /** sees and answers for these owners */
  readonly staff?: { readonly owners: 'all' | readonly string[] }
  /** this server calls itself for a client of MCP: it starts only what antiphon.yaml offers to such clients */
  readonly offered?: true
}

/** The user of the data folder, over its socket. */
export const LOCAL: Caller = { owner: 'local', scopes: ['admin'], local: true }

/** The caller of a route without authentication. */
export const NOBODY: Caller = { owner: '', scopes: [], local: false }
