import type { By } from '../../house/by.ts'
import type { ListQuery } from '../../house/paging.ts'
import type { Json } from '../../kernel/schema.ts'
import type { StepItem } from '../../run/room/documents.ts'
import type { KeyState } from '../api-key.ts'
import type { AuditEntry } from '../audit.ts'
import type { LinkState } from '../link.ts'
import type { LoginDoor } from '../settings.ts'
import type { ActLine, ApiKey, AuditLine, Link, LoginChallenge } from './documents.ts'

/** A request for a key. `ttl`: ms (absent: until revoked). `id`: 16 hexadecimal digits; the same id creates one key. */
export type KeyRequest = Pick<KeyState, 'name' | 'owner' | 'scopes'> & { readonly ttl?: number; readonly id?: string }

/** API keys: they give access over the network, and limit it to scopes. */
export interface Keys {
  /** Creates a key. Only this result contains its token. InvalidError `id_taken` if a key with that id exists. */
  create(request: KeyRequest): Promise<ApiKey & { readonly token: string }>
  /** All keys in the order of their ids, including revoked ones; `after`: only ids after that one. */
  list(query?: ListQuery): Promise<readonly ApiKey[]>
  /** Revokes a key: at once on this node, within a second on others. NotFoundError when there is no such key. */
  revoke(id: string): Promise<ApiKey>
  /** The key of a token. Error `unauthenticated` when there is none, or it was revoked or has expired. */
  identify(token: string): Promise<ApiKey>
}

/** Sessions of browsers: a cookie stands for an API key, for 12 hours after its last use and for 7 days at most. */
export interface KeySessions {
  /** Opens a session for the key of a token, and gives the token of the session: only its hash is stored. */
  open(keyToken: string): Promise<string>
  /**
   * The key of a session; undefined: there is no such session, or it is over.
   * @throws an error of code `unauthenticated` if its key is revoked, has expired or is gone
   */
  identify(token: string): Promise<ApiKey | undefined>
  /** Ends a session. */
  close(token: string): Promise<void>
}

/** A request for a link. `ttl`: lifetime in ms. `id`: 16 hexadecimal digits; repeated requests create one link. */
export type LinkRequest = Pick<LinkState, 'run' | 'signal' | 'kind'> & {
  readonly owner?: string
  readonly ttl: number
  readonly id?: string
}

/** Links that let a person without a key answer a waiting run. */
export interface Links {
  /**
   * Creates a link. Only this result contains its token. NotFoundError
   * if the run does not exist, InvalidError `run_over` if it has ended.
   */
  create(request: LinkRequest): Promise<Link & { readonly token: string }>
  /**
   * The link of a token and the item that waits for it.
   * @throws NotFoundError if the link does not exist, `link_used` if it was used, `link_over` if
   * its run has ended
   */
  read(token: string): Promise<Link & { readonly item?: StepItem }>
  /**
   * Sends the signal, once. If the run refuses it, the link stays open. An approval is accepted only while the step
   * waits for it; otherwise the error is `not_waiting`. `typed`: the name that the person gave, which nobody checks.
   */
  use(
    token: string,
    value: Json,
    options?: { readonly typed?: string },
  ): Promise<{ readonly link: Pick<Link, 'id' | 'owner'>; readonly status: string }>
}

/**
 * Logins by wallet: whoever signs the words of a challenge gets a key of the owner that is the address without `0x`.
 * Error `login_off` until `serve: { login }` allows the door, and without an extension that knows wallets.
 */
export interface Logins {
  /** Makes a challenge with the words to sign, for five minutes. InvalidError unless it is an address. */
  challenge(request: LoginRequest): Promise<LoginChallenge>
  /** Makes a key for a signature in base64, and ends that of the login before. Error `login_refused`. */
  open(request: LoginRequest & SignedChallenge): Promise<ApiKey & { readonly token: string }>
}

/** `door`: whose words they are; absent: those of antiphon. */
type LoginRequest = { readonly address: string; readonly door?: LoginDoor }
type SignedChallenge = { readonly challenge: string; readonly signature: string }

/** API keys, their sessions, logins, links and the audit. */
export interface AccessPort {
  readonly keys: Keys
  readonly sessions: KeySessions
  readonly logins: Logins
  readonly links: Links
  readonly audit: Audit
}

/** Keys, links and the audit as a caller of the server may use them. */
export type AccessView = {
  readonly keys: Omit<Keys, 'identify'>
  readonly logins: Logins
  readonly links: Omit<Links, 'read'>
  readonly audit: Pick<Audit, 'list'>
}

/** Selects entries: of one owner, of one day (`2026-11-21`, UTC), from a time on (ms), after a cursor. */
export type AuditQuery = ListQuery & { readonly day?: string; readonly since?: number }

/** Selects acts: about calls of a tool, by somebody of this name, on the work of these owners. */
export type ActsQuery = AuditQuery & {
  readonly of: 'acts'
  readonly tool?: string
  readonly by?: string
  readonly owners?: readonly string[]
  /** only what this caller did */
  readonly only?: By
}

/** The audit of changes. */
export interface Audit {
  /** Records a change. Resolves when it is durable. */
  record(entry: Omit<AuditEntry, 'at'>): Promise<void>
  /** Acts of people and programs, through whatever door. They have the order of requests. */
  list(query: ActsQuery): Promise<readonly ActLine[]>
  /** Requests over the network. The newest day first; within a day by owner; within an owner the newest first. */
  list(query?: AuditQuery & { readonly of?: 'requests' }): Promise<readonly AuditLine[]>
}

/** The idempotency keys of requests, for the server: a repeated request acts once. */
export interface Requests {
  /**
   * Claims an id for a day with a fingerprint of the request (up to 256 characters). Resolves with
   * `again` for the same fingerprint.
   * @throws InvalidError `key_reused` for another fingerprint
   */
  claimRequest(id: string, asked: string, owner?: string): Promise<'new' | 'again'>
  /** The text stored under an id; undefined when there is none. */
  claimedRequest(id: string): Promise<string | undefined>
  /** Removes the text under an id, if it is this one: the request had no effect. */
  releaseRequest(id: string, asked: string): Promise<void>
}
