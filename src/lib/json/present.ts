/** The fields that have a value. JSON has no `undefined`, so a field that is not given is left out. */
export function present<Fields extends object>(fields: Fields) {
  const found: { -readonly [Field in keyof Fields]?: Fields[Field] } = {}
  for (const name in fields) if (fields[name] !== undefined) found[name] = fields[name]
  return found as { readonly [Field in keyof Fields]?: Exclude<Fields[Field], undefined> }
}

/** The named fields that have a value. */
export function pick<From extends object, Name extends keyof From>(from: From, ...names: readonly Name[]) {
  return present(Object.fromEntries(names.map((name) => [name, from[name]])) as Pick<From, Name>)
}
