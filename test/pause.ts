import { threadTime } from './thread-time.ts'

/** The most ms of CPU for which nothing else had its turn on the main thread while `act` was at work. */
export async function longestPause(act: () => Promise<unknown>): Promise<number> {
  let [longest, last] = [0, threadTime()]
  const look = () => {
    const now = threadTime()
    longest = Math.max(longest, now - last)
    last = now
  }
  const timer = setInterval(look, 5)
  try {
    await act()
  } finally {
    look()
    clearInterval(timer)
  }
  return longest
}
