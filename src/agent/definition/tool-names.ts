/** Our tools for the names of tools that other products use. */
const TOOLS_BY_NAME: { readonly [name: string]: readonly string[] } = {
  Read: ['filesystem:read'],
  Write: ['filesystem:write'],
  Edit: ['filesystem:edit'],
  Grep: ['filesystem:search'],
  Glob: ['filesystem:list', 'filesystem:search'],
  Bash: ['terminal'],
  WebFetch: ['headless-browser'],
  WebSearch: ['web-search'],
}

/** The tools of an agent whose file names none. */
export const STANDARD_TOOLS: readonly string[] = [...new Set(Object.values(TOOLS_BY_NAME).flat())]

/** Our tools for a name in an agent's file. */
export function toolsNamed(name: string): readonly string[] {
  return TOOLS_BY_NAME[name] ?? [name]
}
