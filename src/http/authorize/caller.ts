import { type By, nameIn, programBy } from '../../house/by.ts'
import { EVERY_OWNER, type KeyScope } from '../../house/scope.ts'
import type { Json } from '../../kernel/json.ts'
import type { SaidBy } from '../wire/by-header.ts'

/** The caller of a request: its owner, key, scopes, and whether it is the local user. */
export type Caller = {
  /** for staff, a name that no owner has */
  readonly owner: string
  readonly key?: string
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
  /** a program of the user, which goes on with its runs */
  readonly whole?: true
  /** this server calls itself for a client of MCP: it starts only what antiphon.yaml offers to such clients */
  readonly offered?: true
}

/** The user of the data folder, over its socket. */
export const LOCAL: Caller = { owner: 'local', scopes: ['admin'], local: true }

/** The caller of a route without authentication. */
export const NOBODY: Caller = { owner: '', scopes: [], local: false }

/**
 * The caller of a request, for the record. Only the user of the data folder may say who that is, and that it comes
 * from the command line or its dashboard. The name that a key, a session or the machine has is known; a name beside it
 * was typed.
 */
export function byOf(caller: Caller, { through, user, as }: SaidBy): By | undefined {
  const typed = as !== undefined && { typed: nameIn(as) }
  const door = caller.offered ? 'mcp' : 'http'
  if (caller.local) {
    if (through === 'cli' || through === 'ui' || through === 'chat' || through === 'mcp')
      return { type: 'user', name: nameIn(user ?? LOCAL.owner), ...typed, through }
    return programBy(as)
  }
  if (caller.staff && caller.key === undefined)
    return { type: 'staff', name: nameIn(caller.owner.slice(EVERY_OWNER.length)), through: door }
  if (caller.visitor) return { type: 'visitor', name: nameIn(caller.owner), through: door }
  if (caller.key !== undefined)
    return { type: 'key', name: nameIn(caller.keyName ?? caller.key), id: caller.key, ...typed, through: door }
  return caller.owner === '' ? undefined : { type: 'user', name: nameIn(caller.owner), ...typed, through: door }
}
