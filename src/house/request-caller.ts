import { AsyncLocalStorage } from 'node:async_hooks'
import { type By, programBy } from './by.ts'

const callers = new AsyncLocalStorage<By>()

/** Does the work of a request of this caller. */
export const asCaller = <Result>(caller: By | undefined, work: () => Result): Result =>
  caller === undefined ? work() : callers.run(caller, work)

/**
 * The caller of the present request. A program that uses a port without a request names a person by its option `by`;
 * without that nobody is recorded.
 */
export const callerOf = ({ by: named }: { readonly by?: string | undefined } = {}): By | undefined =>
  callers.getStore() ?? (named === undefined ? undefined : programBy(named))
