type Tree = { [name: string]: unknown }

/** Objects in objects, from values by dotted names such as `access.keys.list`. */
export function unflatten(values: { readonly [name: string]: unknown }): object {
  const root: Tree = {}
  for (const [name, value] of Object.entries(values)) {
    const above = name.split('.')
    const last = above.pop()!
    const parent = above.reduce((at, part) => (at[part] ??= {}) as Tree, root)
    parent[last] = value
  }
  return root
}
