import { useState } from 'preact/hooks'

const kept = new Map<string, unknown>()

/**
 * What is typed into a form, while the page is open: it is there again when the form was left, or closed by mistake.
 * `clear` empties the form, unless something else was typed since it was shown.
 */
export function useKept<Value>(
  key: string,
  make: () => Value,
): readonly [value: Value, keep: (value: Value) => void, clear: () => void] {
  const [value, setValue] = useState(() => (kept.has(key) ? (kept.get(key) as Value) : make()))
  const keep = (next: Value) => {
    kept.set(key, next)
    setValue(next)
  }
  const clear = () => {
    if (kept.has(key) && kept.get(key) !== value) return
    kept.delete(key)
    setValue(make())
  }
  return [value, keep, clear]
}
