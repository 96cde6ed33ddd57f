import { TerminalError } from '../errors.ts'
import type { RecordSource } from './record.ts'

/** Upper bounds of memory. Bytes are UTF-8; `query` and `pinned` (all pins) characters; `where` fields of a filter. */
export const MEMORY_LIMITS = {
  text: 256 * 1024,
  data: 16 * 1024,
  records: 1000,
  query: 2000,
  pinned: 2000,
  where: 32,
} as const

/** Sources whose text a model has written, or may have: they end nobody else's facts, and nothing of them is pinned. */
const OF_MODELS: readonly RecordSource['type'][] = ['model', 'goal', 'ask']

/** Whether a fact of this source only ends facts of the same source. Pure. */
export const mayEndOwnOnly = ({ type }: RecordSource): boolean => type === 'run' || OF_MODELS.includes(type)

/** The standing of what a source writes: facts of standing 0 end no facts of standing 1. Pure. */
export const standingOf = (source: RecordSource): 0 | 1 => (mayEndOwnOnly(source) ? 0 : 1)

/** Whether two records come from the same source: the same agent, pipeline or file. Pure. */
export const isSameSource = (one: RecordSource, other: RecordSource): boolean =>
  one.type === other.type && one.ref === other.ref

/** Whether records of this source may be pinned: no model wrote them. Pure. */
export const mayPin = ({ type }: RecordSource): boolean => !OF_MODELS.includes(type)

/** @throws an error `not_own` for a record that a model wrote */
export function checkMayPin(source: RecordSource): void {
  if (mayPin(source)) return
  throw notOwn(
    'A record that a model wrote cannot be pinned.',
    'Add the same record yourself, which makes it yours: antiphon memory add --text TEXT --pin',
  )
}

/** The error for a write that reaches beyond what its writer owns. */
export const notOwn = (message: string, hint: string) => new TerminalError(message, { code: 'not_own', hint })
