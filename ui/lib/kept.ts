import { useState } from 'preact/hooks'

/** The entry of `sessionStorage`, which the browser keeps for this tab alone. */
let entry = ''
const MAX_DRAFTS = 50
/** Characters of all drafts. */
const MAX_LENGTH = 200_000

/** What is typed into forms, while the page is open. */
const kept = new Map<string, unknown>()
/** As much of it as outlives a reload, as JSON; what was typed last stands at the end. */
let drafts = new Map<string, string>()
/** The owner of these texts; undefined: the server has not named one yet. */
let reader: string | undefined

/** Begins with the drafts that this caller has in this tab, under this mount. Those of another caller are gone. */
export function openDrafts(caller: string, base: string): void {
  if (caller === reader) return
  entry = `antiphon${base} drafts`
  kept.clear()
  reader = caller
  drafts = storedDrafts(caller)
  store()
}

/** What was sent is no draft: it stays in its form, and no reload brings it back. */
export const dropDraft = (key: string): void => setDraft(key, undefined)

/** Forgets all that is typed. */
export function dropDrafts(): void {
  kept.clear()
  drafts.clear()
  store()
}

type Options<Value> = {
  /** The part of the value that a reload may bring back; undefined: nothing. Absent: all of it. */
  lasting?(value: Value): Value | undefined
}

/**
 * What is typed into a form: it is there again when the form was left or closed by mistake, and after a reload.
 * `clear` empties the form, unless something else was typed since it was shown.
 */
export function useKept<Value>(
  key: string,
  make: () => Value,
  { lasting = (value) => value }: Options<Value> = {},
): readonly [value: Value, keep: (value: Value) => void, clear: () => void] {
  const [value, setValue] = useState(() => (kept.has(key) ? (kept.get(key) as Value) : (draftOf<Value>(key) ?? make())))
  const keep = (next: Value) => {
    kept.set(key, next)
    setValue(next)
    setDraft(key, JSON.stringify(lasting(next)), JSON.stringify(make()))
  }
  const clear = () => {
    if (kept.has(key) && kept.get(key) !== value) return
    kept.delete(key)
    setValue(make())
    setDraft(key, undefined)
  }
  return [value, keep, clear]
}

function draftOf<Value>(key: string): Value | undefined {
  const draft = drafts.get(key)
  return draft === undefined ? undefined : JSON.parse(draft)
}

/** `empty`: how the form begins, which is no draft. */
function setDraft(key: string, draft: string | undefined, empty?: string): void {
  drafts.delete(key)
  if (draft !== undefined && draft !== empty && draft.length <= MAX_LENGTH) drafts.set(key, draft)
  let length = 0
  for (const one of drafts.values()) length += one.length
  for (const [oldest, one] of drafts) {
    if (drafts.size <= MAX_DRAFTS && length <= MAX_LENGTH) break
    drafts.delete(oldest)
    length -= one.length
  }
  store()
}

type Stored = { readonly caller: string; readonly drafts: readonly (readonly [key: string, draft: string])[] }

function storedDrafts(caller: string): Map<string, string> {
  try {
    const stored = JSON.parse(sessionStorage.getItem(entry) ?? 'null') as Stored | null
    return new Map(stored?.caller === caller ? stored.drafts : [])
  } catch {
    // a browser may allow no storage: drafts then live as long as the page
    return new Map()
  }
}

function store(): void {
  if (reader === undefined) return
  try {
    if (drafts.size === 0) sessionStorage.removeItem(entry)
    else sessionStorage.setItem(entry, JSON.stringify({ caller: reader, drafts: [...drafts] } satisfies Stored))
  } catch {
    // as above, and a storage may be full
  }
}
