/** The clock as pauses and time limits use it. */
export type TimerClock = { after(ms: number, act: () => void): () => void }

/** Waits for some ms, or until the signal. */
export function pause(clock: TimerClock, ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const end = () => {
      off()
      signal.removeEventListener('abort', end)
      resolve()
    }
    const off = clock.after(ms, end)
    if (signal.aborted) end()
    else signal.addEventListener('abort', end, { once: true })
  })
}
