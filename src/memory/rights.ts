import { TerminalError } from '../errors.ts'
import type { RecordSource } from './record.ts'

/** Sources whose text a model has written, or may have: they end nobody else's facts, and nothing of them is pinned. */
const OF_MODELS: readonly RecordSource['type'][] = ['model', 'goal', 'ask']

/** Whether a fact of this source only ends facts of the same source. Pure. */
export const mayEndOwnOnly = ({ type }: RecordSource): boolean => type === 'run' || OF_MODELS.includes(type)

/** Whether two records come from the same source: the same agent, pipeline or file. Pure. */
export const isSameSource = (one: RecordSource, other: RecordSource): boolean =>
  one.type === other.type && one.ref === other.ref

/** @throws an error `not_own` for a record that a model wrote */
export function checkMayPin({ type }: RecordSource): void {
  if (!OF_MODELS.includes(type)) return
  throw notOwn(
    'A record that a model wrote cannot be pinned.',
    'Add the text as a record of your own: antiphon memory add --text TEXT --pin',
  )
}

/** The error for a write that reaches beyond what its writer owns. */
export const notOwn = (message: string, hint: string) => new TerminalError(message, { code: 'not_own', hint })
