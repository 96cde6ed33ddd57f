import type { ActorListQuery } from '../../engine.ts'
import type { ListIndex, ListIndexes } from './list-indexes.ts'

/** An index to read, and the values that its fields must have. */
export type IndexRead = { readonly index: ListIndex; readonly where: Wanted }

/** The value that a field must have; null: the field must be missing; undefined: any value. */
type Wanted = { readonly [field: string]: string | number | null | undefined }

/**
 * The indexes to read, one after the other, for a list that is sorted by a field,
 * newest first. Undefined when no index covers the list. Two indexes cover a list
 * together when one has the rows without a field and the other the rows with it.
 */
export function chooseIndexes(indexes: ListIndexes, query: ActorListQuery): readonly IndexRead[] | undefined {
  const { where = {}, sort, descending } = query
  if (sort === undefined || descending !== true) return undefined
  const sorted = indexes.lists.filter(({ newest }) => newest === sort)
  const whole = sorted.find((index) => covers(index, where))
  if (whole) return [{ index: whole, where }]
  for (const field of fieldsPresent(sorted)) {
    if (field in where) continue
    const without = { ...where, [field]: null }
    const having = { ...where, [field]: undefined }
    const [first, second] = [without, having].map((half) => sorted.find((index) => covers(index, half)))
    if (first && second)
      return [
        { index: first, where: without },
        { index: second, where },
      ]
  }
  return undefined
}

function fieldsPresent(indexes: readonly ListIndex[]): readonly string[] {
  return indexes.flatMap(({ where }) => Object.keys(where).filter((field) => where[field] === 'present'))
}

/** Whether the index contains every row of a list, judged by the fields that the list compares. */
function covers({ equal, where, mostly = {} }: ListIndex, wanted: Wanted): boolean {
  const holds = Object.entries(where).every(([field, condition]) => {
    if (!(field in wanted)) return false
    const value = wanted[field]
    if (condition === 'absent') return value === null
    if (condition === 'present') return value !== null
    return value !== null && value !== undefined && value !== condition.not
  })
  const isCompared = (field: string, value: Wanted[string]) =>
    equal.includes(field) || where[field] === 'absent' || value === undefined || mostly[field] === value
  const named = Object.entries(wanted)
  return (
    holds &&
    equal.every((field) => field in wanted && wanted[field] !== undefined) &&
    named.every(([field, value]) => isCompared(field, value)) &&
    named.every(([field, value]) => value !== undefined || where[field] === 'present')
  )
}
