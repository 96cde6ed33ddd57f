import { AsyncLocalStorage } from 'node:async_hooks'
import { z } from 'zod'

/** Schema of `CallHere`. */
export const callHereSchema = z.object({ run: z.string(), step: z.string() })

/** The step of a run whose code works at present. */
export type CallHere = Readonly<z.infer<typeof callHereSchema>>

const calls = new AsyncLocalStorage<CallHere>()

/** Does the work of a call of a step. A run that its code starts knows where it was started. */
export const inCall = <Result>(call: CallHere, work: () => Result): Result => calls.run(call, work)

/** The call whose code works at present; undefined: no call does. */
export const callHere = (): CallHere | undefined => calls.getStore()
