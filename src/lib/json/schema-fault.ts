/** Why the schema library cannot use a JSON Schema, in one line and without its own name. */
export function schemaFault(error: unknown): string {
  const said = error instanceof Error ? error.message : String(error)
  return said
    .split('\n', 1)[0]!
    .slice(0, 200)
    .replace(/^not is not supported in Zod.*$/, '`not` is not supported')
    .replace(/ in Zod\b/, '')
    .replace(/^fromJSONSchema input is not valid JSON.*$/, 'it is not JSON')
}
