import { type Bytes, bytesOf, checkedTexts, lastOff } from '../../../store/database/checked-row.ts'
import type { Listed } from '../../engine.ts'

/** The columns of an actor's name and index that `listedIn` reads. */
export const LISTED_COLUMNS = `${bytesOf('name', 'listed')} row, listed_sum sum`
export type ListedRow = { readonly row: Bytes; readonly sum: number }

/** An actor's name and index; nothing when its row is damaged. */
export function listedIn({ row, sum }: ListedRow): readonly (readonly [name: string, index: Listed['index']])[] {
  const texts = checkedTexts(row, sum)
  if (!texts) return []
  const [name, listed] = lastOff(texts)
  return [[name, JSON.parse(listed)]]
}
