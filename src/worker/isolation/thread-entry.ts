// Entry point of a worker thread.
import { workerData } from 'node:worker_threads'
import { answerCall, type IsolatedCall, type IsolatedCallResult } from './call.ts'
import type { IsolatedThreadData } from './thread.ts'

const { file, off } = workerData as IsolatedThreadData
let current: { readonly id: number; readonly stop: AbortController } | undefined
let listening = false

/** Makes one call. */
export default function answer(call: IsolatedCall): Promise<IsolatedCallResult> {
  return answerCall(file, call, () => signalOf(call.id))
}

/** Most calls never need it. */
function signalOf(id: number): AbortSignal {
  if (current?.id !== id) current = { id, stop: new AbortController() }
  listen(Atomics.load(off, 0))
  return current.stop.signal
}

// one wait at a time: a wait outlives the call in which it began
function listen(seen: number): void {
  if (current?.id === seen) current.stop.abort()
  if (listening) return
  const change = Atomics.waitAsync(off, 0, seen)
  listening = change.async
  Promise.resolve(change.value).then(() => {
    listening = false
    listen(Atomics.load(off, 0))
  })
}
