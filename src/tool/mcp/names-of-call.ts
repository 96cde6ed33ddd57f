/**
 * The names by which a rule may mean a call, the name of its tool first: `filesystem:read` and `filesystem`. A call of
 * `mcp-server:*` or `mcp-resource:*` also has the names of the server's tool that it uses: `SERVER` and, where the call
 * says it, `SERVER:TOOL`, both with and without `mcp__`.
 */
export function namesOfCall(tool: string, parameters: unknown): readonly string[] {
  return [...namesOfTool(tool), ...namesPassedOn(tool, parameters)]
}

/** The names of a tool in a rule: `filesystem:read` and `filesystem`. */
export const namesOfTool = (tool: string): readonly string[] => [tool, tool.split(':', 1)[0]!]

/** The name by which a list of denied tools means a call; undefined: the call is allowed. */
export function deniedName(denied: readonly string[], tool: string, parameters: unknown): string | undefined {
  return denied.length === 0 ? undefined : namesOfCall(tool, parameters).find((name) => denied.includes(name))
}

function namesPassedOn(tool: string, parameters: unknown): readonly string[] {
  if (!/^mcp-(?:server|resource):/.test(tool) || typeof parameters !== 'object' || parameters === null) return []
  const { server_name: server, tool_name: name } = parameters as { readonly [name: string]: unknown }
  if (typeof server !== 'string') return []
  // a server with the name of another tool has its tools under `mcp__SERVER`
  const owners = [server, `mcp__${server}`]
  return typeof name === 'string' ? [...owners, ...owners.map((owner) => `${owner}:${name}`)] : owners
}
