/**
 * Foreign MCP servers, whose tools steps call. A server starts when it is first needed, its tools are pinned in a
 * lock file, and a server that a clone of a repository brings waits until a person trusts it.
 */

import type { Json } from '../../kernel/json.ts'
import type { EffectClass } from '../../kernel/types.ts'
import type { ServerPins } from './pins.ts'
import type { McpServerSettings } from './settings.ts'
import type { TrustState } from './trust.ts'

/** The MCP servers of a runtime. None starts before it is needed. */
export interface McpServers {
  /** NotFoundError `unknown_server` for a name that no configuration has. */
  find(name: string): McpServer
  /** All servers, without starting one. */
  list(): Promise<readonly McpServerState[]>
  /** Connects to a server, pins its tools as they are now, and records that a person trusts it. */
  trust(name: string, signal: AbortSignal): Promise<TrustedServer>
  /** Signs in to a server with a `url`, and keeps its tokens as a secret; TerminalError `login_refused`. */
  login(name: string, options: LoginOptions): Promise<void>
  /** Removes the tokens of a server. Returns whether there were any. */
  logout(name: string): Promise<boolean>
  /** Ends all servers. */
  close(): Promise<void>
}

/** How a person signs in. `show` gets the address that they open in a browser. */
export type LoginOptions = { readonly show: (address: URL) => void; readonly signal: AbortSignal }

/** One server. It starts at the first request, and again after it ended. */
export interface McpServer {
  readonly name: string
  readonly settings: McpServerSettings
  /** The pinned tools. Connects only if there are none yet. */
  pins(signal: AbortSignal): Promise<ServerPins>
  /** The tools as the server offers them now, whether a person trusts it or not. */
  offered(signal: AbortSignal): Promise<ServerPins>
  /** Calls a pinned tool; a TerminalError for one that is not pinned, or that differs from its pin. */
  call(tool: string, input: { readonly [name: string]: Json }, call: ServerCallOptions): Promise<ServerAnswer>
  /** Looks at a task of the server; first answers what it asks, if there are answers. */
  task(id: string, options: TaskOptions): Promise<TaskLook>
  /** The capabilities that the server declares. */
  capabilities(signal: AbortSignal): Promise<Json>
  resources(signal: AbortSignal): Promise<readonly ListedResource[]>
  read(uri: string, signal: AbortSignal): Promise<readonly ResourceContent[]>
  close(): Promise<void>
}

type ServerCallOptions = {
  readonly idempotencyKey: string
  readonly effect: EffectClass
  readonly signal: AbortSignal
  /** continues a call that asked */
  readonly answer?: { readonly responses: Json; readonly state?: string }
}

/** How to look at a task. `responses`: the answers to what it asks. */
type TaskOptions = { readonly signal: AbortSignal; readonly responses?: Json }

/** A task as it is now: its outcome, or that it works, and ms until the next look. */
type TaskLook = { readonly answer: ServerAnswer } | { readonly delay: number }

/** A request of a server in the middle of a call. */
export type InputRequest = { readonly method: string; readonly params?: unknown }

/** The answer of a tool as the server sent it, and the request of the server that antiphon refused meanwhile. */
export type ServerAnswer = {
  /** parts of a kind that antiphon does not know among them */
  readonly content: readonly unknown[]
  readonly structured: Json
  readonly isError: boolean
  /** further fields of the result */
  readonly more?: { readonly [field: string]: unknown }
  readonly refused?: string | undefined
  /** there is no result yet: the server works on it as a task */
  readonly task?: { readonly id: string; readonly delay: number }
  /** there is no result yet: the server asks first, and gets its state back with the answers */
  readonly asks?: { readonly requests: { readonly [key: string]: InputRequest }; readonly state?: string }
}

export type ContentBlock =
  | { readonly type: 'text'; readonly text: string }
  | { readonly type: 'image' | 'audio'; readonly data: string; readonly mimeType: string }
  | { readonly type: 'resource'; readonly resource: ResourceContent }
  | ({ readonly type: 'resource_link' } & ListedResource)

/** A resource as it was read: text, or bytes in base64. */
export type ResourceContent = { readonly uri: string; readonly mimeType?: string | undefined } & (
  | { readonly text: string }
  | { readonly blob: string }
)

/** A resource in a list. */
export type ListedResource = {
  readonly uri: string
  readonly name: string
  readonly title?: string | undefined
  readonly description?: string | undefined
  readonly mimeType?: string | undefined
  readonly size?: number | undefined
}

/** A server as the files describe it. `tools`: the pinned ones; absent: none is pinned yet. */
export type McpServerState = {
  readonly name: string
  readonly from: McpServerSettings['from']
  readonly type: McpServerSettings['type']
  /** its command line or URL */
  readonly target: string
  readonly trust: TrustState
  readonly tools?: number
}

/** The pins of a server, and how they differ from the previous ones; `difference` is absent without previous pins. */
type TrustedServer = { readonly pins: ServerPins; readonly difference?: readonly string[] }
