import { NotFoundError } from '../../errors.ts'
import type { ChainState } from '../protocol/ask-state.ts'

/** Whether a thread is somebody's: it was asked on, or begun without a question. */
export function isOpen({ asks, startedAt }: Pick<ChainState, 'asks' | 'startedAt'>): boolean {
  return asks > 0 || startedAt !== undefined
}

/** What is another's is not there. */
export function noThread(name: string): NotFoundError {
  return new NotFoundError(`there is no thread ${name}`, { hint: 'ask on a thread of another name' })
}
