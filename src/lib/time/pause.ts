/** The clock as a pause uses it. */
type Timer = { after(ms: number, act: () => void): () => void }

/** Waits for some ms, or until the signal. */
export function pause(clock: Timer, ms: number, signal: AbortSignal): Promise<void> {
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
