import type { Json } from '../../kernel/json.ts'

const MAX_SHOWN = { text: 500, items: 20, depth: 8 } as const
const SECRET = /secret|token$|passw|api[-_]?key|authorization|credential/i

/** A printable value: fields named like secrets are hidden; texts, lists and depths are cut unless `cut` is false. */
export function redacted(value: unknown, { cut = true }: { readonly cut?: boolean } = {}, depth = 0): Json {
  if (typeof value === 'string')
    return cut && value.length > MAX_SHOWN.text
      ? `${value.slice(0, MAX_SHOWN.text)}… (${value.length} characters)`
      : value
  if (typeof value !== 'object' || value === null) return (value ?? null) as Json
  if (cut && depth === MAX_SHOWN.depth) return '…'
  const options = { cut }
  if (Array.isArray(value)) return shownList(value, options, depth)
  return Object.fromEntries(
    Object.entries(value).map(([name, field]) => [
      name,
      SECRET.test(name) && typeof field === 'string' ? '(hidden)' : redacted(field, options, depth + 1),
    ]),
  )
}

function shownList(list: readonly unknown[], options: { readonly cut: boolean }, depth: number): Json {
  const shown = options.cut ? list.slice(0, MAX_SHOWN.items) : list
  const more = list.length - shown.length
  return [...shown.map((item) => redacted(item, options, depth + 1)), ...(more > 0 ? [`… and ${more} more`] : [])]
}
