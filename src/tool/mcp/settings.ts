import type { Json } from '../../kernel/json.ts'
import type { EffectClass } from '../../kernel/types.ts'
import { showUnseen } from '../../lib/unseen.ts'
import type { LookUpByTool } from '../once/call-finding.ts'

/** The effect class of all tools of a server, or of some by name. */
type McpEffects = EffectClass | { readonly [tool: string]: EffectClass }

type Shared = {
  /** the file that names it; a server of .mcp.json starts only once a person trusts it */
  readonly from: 'antiphon.yaml' | '.mcp.json'
  /** absent: at-most-once */
  readonly effects?: McpEffects
  /** by the name of a tool: how another tool of the server says whether a call of it took place */
  readonly lookUp?: { readonly [tool: string]: LookUpByTool }
  /** the folder for pictures, sound and files in results, relative to the working folder of steps */
  readonly files?: string
}

/** A server that is a program; `cwd` is absolute. Its `env` may contain `secret://name`. */
export type StdioServer = Shared & {
  readonly type: 'stdio'
  readonly command: string
  readonly args: readonly string[]
  readonly env: { readonly [name: string]: string }
  readonly cwd: string
  readonly sandbox: boolean
  /** whether the sandboxed server may change `cwd` */
  readonly write: boolean
}

/** A server at a URL. Its `headers` may contain `secret://name`. */
export type HttpServer = Shared & {
  readonly type: 'http'
  readonly url: string
  readonly headers: { readonly [name: string]: string }
  readonly oauth?: OAuthSettings
}

/** The client for a login. Without an id, antiphon registers one. `clientSecret`: `secret://name`. */
type OAuthSettings = {
  readonly clientId?: string
  readonly clientSecret?: string
  readonly scopes?: readonly string[]
}

/** How to reach a server. */
export type McpServerSettings = StdioServer | HttpServer

export type McpSettings = { readonly [name: string]: McpServerSettings }

/** The effect class of a tool: at-most-once unless the settings say otherwise. */
export function effectOf(effects: McpEffects | undefined, tool: string): EffectClass {
  if (typeof effects === 'string') return effects
  return effects && Object.hasOwn(effects, tool) ? effects[tool]! : 'at-most-once'
}

/** All settings that define a server, as data: a person trusts exactly these. */
export function targetOf(server: McpServerSettings): Json {
  if (server.type === 'http') return { url: server.url, headers: { ...server.headers } }
  const { command, args, env, cwd } = server
  return { command, args: [...args], env: { ...env }, cwd }
}

/** The command line or URL as people read it. */
export function targetText(server: McpServerSettings): string {
  if (server.type === 'http') return plainText(showUnseen(server.url))
  return plainText(showUnseen([server.command, ...server.args].map(quoted).join(' ')))
}

const quoted = (word: string) => (/^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`)

/** A text of a stranger on one line, without control sequences and cut to `most` characters. */
export function plainText(text: string, most = 500): string {
  const clean = text
    .replaceAll(/\p{Cc}\[[\d;?]*[A-Za-z]/gu, '')
    .replaceAll(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]+/gu, ' ')
    .trim()
  return clean.length > most ? `${clean.slice(0, most)}…` : clean
}
