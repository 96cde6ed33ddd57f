import { TerminalError } from '../../errors.ts'
import { secretsIn, substituteSecrets, variableOf } from '../../secret/names.ts'
import type { EnvironmentVariables } from '../../secret/redaction.ts'
import type { McpServerSettings } from './settings.ts'

/** The values that texts of the settings may refer to. */
export type Variables = {
  readonly environment: EnvironmentVariables
  /** the value of a secret; undefined: there is none of that name */
  readonly secret: (name: string) => Promise<string | undefined>
}

type Texts = { readonly [name: string]: string }

const REFERENCE = /\$\{([A-Za-z_]\w*)(?::-([^}]*))?\}/g

/** A text with `${NAME}` and `${NAME:-default}` replaced where it stands in .mcp.json, as other products do. */
export function expanded(text: string, server: McpServerSettings, environment: EnvironmentVariables): string {
  if (server.from !== '.mcp.json') return text
  return text.replaceAll(REFERENCE, (_, name: string, otherwise: string | undefined) => {
    const value = environment[name] || otherwise
    if (value !== undefined) return value
    throw new TerminalError(`.mcp.json names the environment variable ${name}, which is not set.`, {
      code: 'variable_missing',
      hint: `Set ${name}, or write \`\${${name}:-default}\`.`,
    })
  })
}

/** Texts by name, expanded and with their secrets. TerminalError `secret_missing`. */
export async function resolvedTexts(texts: Texts, server: McpServerSettings, variables: Variables): Promise<Texts> {
  const entries = Object.entries(texts).map(async ([name, text]) => {
    const values = new Map<string, string>()
    for (const secret of secretsIn(text)) values.set(secret, await secretOf(secret, variables))
    return [name, substituteSecrets(expanded(text, server, variables.environment), values)] as const
  })
  return Object.fromEntries(await Promise.all(entries))
}

async function secretOf(name: string, { secret }: Variables): Promise<string> {
  const value = await secret(name)
  if (value !== undefined) return value
  throw new TerminalError(`There is no secret ${name}, which an MCP server needs.`, {
    code: 'secret_missing',
    hint: `Store it with \`antiphon keys set ${name}\`, or set ${variableOf(name)} in the environment.`,
  })
}
