import type { KeyState } from '../../access/api-key.ts'
import type { AuditEntry } from '../../access/audit.ts'
import type { LinkState } from '../../access/link.ts'
import type { ApiKey, AuditLine, Link } from '../../contract/documents/access.ts'
import type { Json } from '../../kernel/schema.ts'
import type { StepItem } from './inbox.ts'

export type { ApiKey, AuditLine, Link } from '../../contract/documents/access.ts'

/**
 * A request for a key. `ttl`: lifetime in ms (absent: until revoked). `id`: 16 hexadecimal digits;
 * repeated requests create one key.
 */
export type KeyRequest = Pick<KeyState, 'name' | 'owner' | 'scopes'> & { readonly ttl?: number; readonly id?: string }

/** API keys: who may call over the network, and what they may do. */
export interface Keys {
  /** Creates a key. Only this result contains its token. InvalidError `id_taken` if a key with that id exists. */
  create(request: KeyRequest): Promise<ApiKey & { readonly token: string }>
  /** All keys in the order of their ids, including revoked ones; `after`: only ids after that one. */
  list(query?: {
    readonly owner?: string
    readonly after?: string
    readonly limit?: number
  }): Promise<readonly ApiKey[]>
  /** From now on nobody is let in by it: at once here, within a second on other nodes. NotFoundError when there is none. */
  revoke(id: string): Promise<ApiKey>
  /** The key that a token opens; an error of code `unauthenticated` when there is none, or it is no longer good. */
  identify(token: string): Promise<ApiKey>
}

/** A request for a link. `ttl`: lifetime in ms. `id`: 16 hexadecimal digits; repeated requests create one link. */
export type LinkRequest = Pick<LinkState, 'run' | 'signal' | 'kind'> & {
  readonly owner?: string
  readonly ttl: number
  readonly id?: string
}

/** Links that let a person without a key answer a waiting run. */
export interface Links {
  /** Creates a link. Only this result contains its token. NotFoundError if the run does not exist, InvalidError `run_over` if it has ended. */
  create(request: LinkRequest): Promise<Link & { readonly token: string }>
  /**
   * The link of a token and the item that waits for it.
   * @throws NotFoundError if the link does not exist, `link_used` if it was used, `link_over` if
   * its run has ended
   */
  read(token: string): Promise<Link & { readonly item?: StepItem }>
  /**
   * Sends the signal, once; what the run refuses leaves the link open. An approval is taken only while it is waited for: an error of code
   * `not_waiting` otherwise.
   */
  use(token: string, value: Json): Promise<{ readonly link: Pick<Link, 'id' | 'owner'>; readonly status: string }>
}

/** API keys, links and the audit. */
export interface AccessPort {
  readonly keys: Keys
  readonly links: Links
  readonly audit: Audit
}

/** Which entries: of one owner, of one day (`2026-11-21`, UTC), after that cursor. */
export type AuditQuery = {
  readonly owner?: string
  readonly day?: string
  readonly after?: string
  readonly limit?: number
}

/** The audit of changes. */
export interface Audit {
  /** Resolves when it is durable. */
  record(entry: Omit<AuditEntry, 'at'>): Promise<void>
  /** The newest day first; of a day owner by owner, and of an owner the newest first. */
  list(query?: AuditQuery): Promise<readonly AuditLine[]>
}
