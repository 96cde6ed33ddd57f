/** A node of a list; `list` is absent once it was removed. */
export type ListLink<T> = {
  readonly value: T
  list: List<T> | undefined
  before: ListLink<T> | undefined
  after: ListLink<T> | undefined
}

/** A list with constant-time removal of any member. */
export type List<T> = { first: ListLink<T> | undefined; last: ListLink<T> | undefined; size: number }

export const createList = <T>(): List<T> => ({ first: undefined, last: undefined, size: 0 })

export const append = <T>(list: List<T>, value: T): ListLink<T> => putBefore(list, undefined, value)

/** Inserts an item into a sorted list. Items usually belong at the end; otherwise the search begins at the front. */
export function insert<T>(list: List<T>, value: T, isBefore: (one: T, other: T) => boolean): ListLink<T> {
  if (!list.last || !isBefore(value, list.last.value)) return append(list, value)
  let after = list.first!
  while (!isBefore(value, after.value)) after = after.after!
  return putBefore(list, after, value)
}

/** Before undefined: at the end. */
function putBefore<T>(list: List<T>, after: ListLink<T> | undefined, value: T): ListLink<T> {
  const before = after ? after.before : list.last
  const link: ListLink<T> = { value, list, before, after }
  if (before) before.after = link
  else list.first = link
  if (after) after.before = link
  else list.last = link
  list.size++
  return link
}

/** Removes an item from its list; does nothing when it was removed already. */
export function unlink<T>(link: ListLink<T>): void {
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
