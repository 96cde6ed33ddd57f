/** Bounds how many bytes of values are in memory at once. */
export interface ByteSemaphore {
  /**
   * Resolves with what gives the bytes back, when there is room for them; at once when there is. Whoever waits longest goes first. The
   * first one is always let in, however many bytes it needs.
   */
  enter(bytes: number): ReleaseBytes | Promise<ReleaseBytes>
  /** What is in use, and how many wait. */
  counts(): { readonly bytes: number; readonly waiting: number }
}
export type ReleaseBytes = () => void

/** ms without anything given back, after which one more is let in: what holds bytes may itself wait for what stands before the gate. */
const STALL_MS = 1000

type Waiter = { readonly bytes: number; readonly admit: (leave: ReleaseBytes) => void }

/** A gate for so many bytes. */
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
