/** A value with its texts changed by `change`, and the names of its fields by `rename`. Other values stay. */
export function mapTexts<Value>(value: Value, change: ChangeText, rename?: ChangeText): Value
export function mapTexts(value: unknown, change: ChangeText, rename: ChangeText = (name) => name): unknown {
  if (typeof value === 'string') return change(value)
  if (Array.isArray(value)) return value.map((item) => mapTexts(item, change, rename))
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(Object.entries(value).map(([name, item]) => [rename(name), mapTexts(item, change, rename)]))
}

type ChangeText = (text: string) => string
