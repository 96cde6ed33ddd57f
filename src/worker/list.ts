/** A place in a list; `list` is absent once it was taken out. */
export type Link<T> = {
  readonly value: T
  list: List<T> | undefined
  before: Link<T> | undefined
  after: Link<T> | undefined
}

/** A list of which any member is taken out as cheaply as the first. */
export type List<T> = { first: Link<T> | undefined; last: Link<T> | undefined; size: number }

export const createList = <T>(): List<T> => ({ first: undefined, last: undefined, size: 0 })

export function append<T>(list: List<T>, value: T): Link<T> {
  const link: Link<T> = { value, list, before: list.last, after: undefined }
  if (list.last) list.last.after = link
  else list.first = link
  list.last = link
  list.size++
  return link
}

export function prepend<T>(list: List<T>, value: T): Link<T> {
  const link: Link<T> = { value, list, before: undefined, after: list.first }
  if (list.first) list.first.before = link
  else list.last = link
  list.first = link
  list.size++
  return link
}

/** Takes it out of its list; nothing when it is out already. */
export function unlink<T>(link: Link<T>): void {
  const { list, before, after } = link
  if (!list) return
  if (before) before.after = after
  else list.first = after
  if (after) after.before = before
  else list.last = before
  list.size--
  link.list = link.before = link.after = undefined
}

export function* valuesOf<T>({ first }: List<T>): Generator<T> {
  for (let link = first; link; link = link.after) yield link.value
}
