/** The fields that have a value. JSON has no `undefined`, so a field that is not given is left out. */
export const present = <Fields extends object>(fields: Fields) =>
  Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as {
    readonly [Field in keyof Fields]?: Exclude<Fields[Field], undefined>
  }
