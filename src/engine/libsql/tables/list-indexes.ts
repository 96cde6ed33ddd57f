/** The indexes for the lists of actors, as the caller of the engine declares them. */
export type ListIndexes = {
  readonly lists: readonly ListIndex[]
  /** values of the field `status` with which most actors end: inspection by status has no index for them */
  readonly usual: readonly string[]
}

/** A database index on fields of actors. A list that it covers reads no other rows. */
export type ListIndex = {
  readonly name: string
  /** fields that a list compares with a value, in this order */
  readonly equal: readonly string[]
  /** the field by which a list is sorted, newest first */
  readonly newest?: string
  /**
   * the field by which a list is sorted, oldest first; with neither, a list is sorted by key. A list with more
   * conditions reads the index in this order and skips the other rows
   */
  readonly oldest?: string
  /** condition that all rows of the index meet */
  readonly where: { readonly [field: string]: Condition }
  /** condition that most rows meet: a list with this condition reads the index and skips the other rows */
  readonly mostly?: { readonly [field: string]: string }
}
type Condition = 'present' | 'absent' | { readonly not: string }

/** Reads an index field; null in damaged text, as an index that fails on one row blocks the writes of all others. */
export const indexField = (path: string) => `iif(json_valid(index_fields), json_extract(index_fields, ${path}), null)`

/** The expression of a declared field. SQLite uses an index only for the same expression. */
export function fieldOf(field: string): string {
  return indexField(sqlText(`$."${field}"`))
}

/** The kind of an actor: the beginning of its name. */
export const KIND = `substr(name, 1, instr(name, '/'))`

const STATUS = fieldOf('status')
const IS_LIVE = `json_valid(cell) and cell ->> '$.status' = 'live'`
const IDLE = `iif(${fieldOf('waits')} is null, 'idle', 'waiting')`
const SAID = `iif(typeof(${STATUS}) = 'text', ${STATUS}, ${IDLE})`

/** The status of an actor without a turn and without mail. */
export const STATUS_EXPRESSION = `iif(${IS_LIVE}, ${SAID}, iif(json_valid(cell), cell ->> '$.status', 'quarantined'))`

export const isStatusIndexed = ({ usual }: ListIndexes, status: string) => status !== 'idle' && !usual.includes(status)

export function rareStatus({ usual }: ListIndexes): string {
  return `${STATUS_EXPRESSION} not in (${['idle', ...usual].map(sqlText).join()})`
}

/** The field by which the rows of an index are sorted. */
export const sortOf = ({ newest, oldest }: Pick<ListIndex, 'newest' | 'oldest'>) => newest ?? oldest

export function rowsOfIndex({ where, ...index }: ListIndex): string {
  const listed = sortOf(index) === undefined ? [] : ['index_fields is not null']
  return [...listed, ...Object.entries(where).map(([field, one]) => conditionSql(fieldOf(field), one))].join(' and ')
}

function conditionSql(field: string, condition: Condition): string {
  if (condition === 'present') return `${field} is not null`
  return condition === 'absent' ? `${field} is null` : `${field} <> ${sqlText(condition.not)}`
}

/** The definitions of all indexes, by name. Each index ends with the name, which orders otherwise equal rows. */
export function indexDefinitions(indexes: ListIndexes): { readonly [name: string]: string } {
  const lists = indexes.lists.map((index) => [indexName(index), definitionOf(index)])
  return {
    ...Object.fromEntries(lists),
    cell_standing: `cell(${STATUS_EXPRESSION}, name) where ${rareStatus(indexes)}`,
  }
}

export const indexName = ({ name }: ListIndex) => `cell_${name}`

function definitionOf(index: ListIndex): string {
  const { equal, newest } = index
  const sort = sortOf(index)
  const kind = sort === undefined ? [] : [KIND]
  const order = sort === undefined ? [] : [`${fieldOf(sort)} ${newest === undefined ? 'asc' : 'desc'}`]
  return `cell(${[...kind, ...equal.map(fieldOf), ...order, 'name'].join(', ')}) where ${rowsOfIndex(index)}`
}

function sqlText(text: string): string {
  return `'${text.replaceAll("'", "''")}'`
}
