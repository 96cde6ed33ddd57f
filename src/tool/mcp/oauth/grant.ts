import { z } from 'zod'
import { TerminalError } from '../../../errors.ts'
import { tryParse } from '../../../kernel/json.ts'

const grant = z.object({
  /** the server that the tokens are for, and the only one that gets them */
  url: z.string(),
  /** the name by which the authorization server knows that server */
  resource: z.string().exactOptional(),
  /** the authorization server that gave the tokens, and the only one that gets the refresh token */
  issuer: z.string(),
  metadata: z.looseObject({ token_endpoint: z.string() }).exactOptional(),
  client: z.object({ client_id: z.string(), client_secret: z.string().exactOptional() }),
  tokens: z.looseObject({
    access_token: z.string(),
    token_type: z.string(),
    refresh_token: z.string().exactOptional(),
  }),
})

/** The tokens of one MCP server, with all that a refresh needs. */
export type Grant = z.infer<typeof grant>

/** The secrets as grants need them. */
export interface GrantSecrets {
  get(name: string): Promise<string | undefined>
  /** Stores a value in place of the previous one; undefined removes it. Returns whether there was one. */
  keep(name: string, value: string | undefined): Promise<boolean>
  /** Opens the file for a change, so that a missing passphrase shows at once. */
  unlock(): Promise<void>
  /** Runs the work while no other process runs such work. */
  alone<T>(work: () => Promise<T>): Promise<T>
}

/** The secret that holds the grant of a server. */
export const grantName = (server: string) => `mcp.${server}`

/** The grant of a server; undefined without one. One that was made for another address counts as none. */
export async function readGrant(secrets: GrantSecrets, server: string, url: string): Promise<Grant | undefined> {
  const text = await secrets.get(grantName(server))
  if (text === undefined) return undefined
  const { success, data } = grant.safeParse(tryParse(text))
  if (!success)
    throw new TerminalError(`The secret ${grantName(server)} holds something other than the tokens of an MCP server.`, {
      code: 'login_required',
      hint: `To replace it: antiphon mcp login ${server}`,
    })
  return data.url === url ? data : undefined
}

/** The confidential texts inside the value of a secret that is a grant; none for another value. */
export function confidentialIn(value: string): readonly string[] {
  if (!value.startsWith('{')) return []
  const { success, data } = grant.safeParse(tryParse(value))
  if (!success) return []
  const { access_token, refresh_token, id_token } = data.tokens
  return [access_token, refresh_token, id_token, data.client.client_secret].filter((text) => typeof text === 'string')
}

export const loginRequired = (server: string, why: string, first = '') =>
  new TerminalError(`The MCP server ${server} wants a login: ${why}.`, {
    code: 'login_required',
    hint: `${first}sign in: antiphon mcp login ${server}; or give a key: \`headers: { Authorization: Bearer secret://NAME }\``,
  })
