/** Bounds the bytes of values in memory. */
export interface ByteSemaphore {
  /** Resolves with a release function when there is room. First in, first out. An idle semaphore admits any size. */
  enter(bytes: number): ReleaseBytes | Promise<ReleaseBytes>
  counts(): { readonly bytes: number; readonly waiting: number }
}
export type ReleaseBytes = () => void

/** After this many ms without a release, one more caller is admitted: a holder may wait for a caller in the queue. */
const STALL_MS = 1000

type Waiter = { readonly bytes: number; readonly admit: (leave: ReleaseBytes) => void }

export function createByteSemaphore(limit: number, patience = STALL_MS): ByteSemaphore {
  const waiting: Waiter[] = []
  let used = 0
  let timer: NodeJS.Timeout | undefined

  function take(bytes: number): ReleaseBytes {
    used += bytes
    let isIn = true
    return () => {
      if (!isIn) return
      isIn = false
      used -= bytes
      clearTimeout(timer)
      timer = undefined
      admit()
    }
  }

  const hasRoom = (bytes: number) => used === 0 || used + bytes <= limit

  function admit(): void {
    while (waiting[0] && hasRoom(waiting[0].bytes)) letIn()
    if (waiting.length === 0) return
    timer ??= setTimeout(() => {
      timer = undefined
      letIn()
      admit()
    }, patience).unref()
  }

  function letIn(): void {
    const { bytes, admit } = waiting.shift()!
    admit(take(bytes))
  }

  return {
    enter(bytes) {
      if (waiting.length === 0 && hasRoom(bytes)) return take(bytes)
      return new Promise((resolve) => {
        waiting.push({ bytes, admit: resolve })
        admit()
      })
    },
    counts: () => ({ bytes: used, waiting: waiting.length }),
  }
}
