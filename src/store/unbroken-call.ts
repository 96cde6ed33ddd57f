import { workerData } from 'node:worker_threads'
import { CancelledError } from '../errors.ts'

// A thread that calls libSQL must end by itself: if it is terminated in a call, libSQL aborts the whole process. Both
// threads share two numbers: whether the thread is in a call, and whether it shall stop.
const IN_CALL = 0
const STOP = 1
/** A call that takes longer at the end of the process is cut off. */
const MAX_WAIT_MS = 5_000

const open = new Set<Int32Array>()

/** Opens the flags of a thread for its `workerData`. Until `close`, the end of this process waits for its call. */
export function openStopFlags() {
  const stopFlags = new Int32Array(new SharedArrayBuffer(2 * Int32Array.BYTES_PER_ELEMENT))
  if (open.size === 0) process.on('exit', stopAll)
  open.add(stopFlags)
  return {
    stopFlags,
    stop: () => void Atomics.store(stopFlags, STOP, 1),
    close() {
      open.delete(stopFlags)
      if (open.size === 0) process.off('exit', stopAll)
    },
  }
}

function stopAll(): void {
  for (const flags of open) Atomics.store(flags, STOP, 1)
  for (const flags of open) Atomics.wait(flags, IN_CALL, 1, MAX_WAIT_MS)
}

const flags = (workerData as { readonly stopFlags?: Int32Array } | null)?.stopFlags

/** Ends the work of this thread if it was asked to stop. Does nothing in a thread without flags. */
export function endIfStopped(): void {
  if (flags && Atomics.load(flags, STOP) === 1) throw new CancelledError()
}

/** Calls libSQL so that the end of the process waits for it. @throws CancelledError if the thread was asked to stop */
export function callUnbroken<T>(call: () => T): T {
  if (!flags) return call()
  Atomics.store(flags, IN_CALL, 1)
  try {
    endIfStopped()
    return call()
  } finally {
    Atomics.store(flags, IN_CALL, 0)
    Atomics.notify(flags, IN_CALL)
  }
}
