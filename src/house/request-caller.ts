import { AsyncLocalStorage } from 'node:async_hooks'
import { type By, programBy } from './by.ts'

const callers = new AsyncLocalStorage<By>()

export const asCaller = <Result>(caller: By | undefined, work: () => Result): Result =>
  caller === undefined ? work() : callers.run(caller, work)

/** The caller of the present request; without one, the person that a program names by `by`, or nobody. */
export const callerOf = ({ by: named }: { readonly by?: string | undefined } = {}): By | undefined =>
  callers.getStore() ?? (named === undefined ? undefined : programBy(named))
