import { AsyncLocalStorage } from 'node:async_hooks'

/** The step of a run whose code works at present. */
export type CallHere = { readonly run: string; readonly step: string }

const calls = new AsyncLocalStorage<CallHere>()

/** Does the work of a call of a step. A run that its code starts knows where it was started. */
export const inCall = <Result>(call: CallHere, work: () => Result): Result => calls.run(call, work)

/** The call whose code works at present; undefined: no call does. */
export const callHere = (): CallHere | undefined => calls.getStore()
