/** The fields that have a value. JSON has no `undefined`, so a field that is not given is left out. */
export function present<Fields extends object>(fields: Fields) {
  const found: { -readonly [Field in keyof Fields]?: Fields[Field] } = {}
  for (const name in fields) if (fields[name] !== undefined) found[name] = fields[name]
  return found as { readonly [Field in keyof Fields]?: Exclude<Fields[Field], undefined> }
}
