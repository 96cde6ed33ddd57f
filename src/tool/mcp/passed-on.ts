/**
 * The names of the server's tool that a call of `mcp-server:*` or `mcp-resource:*` uses: `SERVER` and, where the call says it, `SERVER:TOOL`. Empty
 * for other tools. A rule about the server's tool also holds for such a call.
 */
export function namesPassedOn(tool: string, parameters: unknown): readonly string[] {
  if (!/^mcp-(?:server|resource):/.test(tool) || typeof parameters !== 'object' || parameters === null) return []
  const { server_name: server, tool_name: name } = parameters as { readonly [name: string]: unknown }
  if (typeof server !== 'string') return []
  return typeof name === 'string' ? [server, `${server}:${name}`] : [server]
}
