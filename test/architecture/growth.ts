const [HALF, WHOLE] = [8 * 1024, 16 * 1024]
/** ms of CPU below which nothing can be told about 16 KB: to look at each of them from each of them takes far longer. */
const QUICK = 3
/** Short texts first: what is exponential never comes to the long ones. */
const SHORT = [16, 20, 22, 24, 26, 28, 30, 32, 48, 64, 128, 256, 512, 1024, 2048, 4096]
/** ms of CPU that no short text takes. */
const LONG = 200
/** Other threads of the process spoil a look. What is superlinear is so in each of them. */
const LOOKS = 5

type Work = (text: string) => unknown

/** Whether 16 KB take more than three times the CPU of 8 KB. `textOf` makes a text of about that size. */
export function isSuperlinear(work: Work, textOf: (size: number) => string): boolean {
  if (SHORT.some((size) => leastMs(work, textOf(size), 2, LONG) > LONG)) return true
  const whole = textOf(WHOLE)
  if (leastMs(work, whole, 2, QUICK) < QUICK) return false
  const grows = () => leastMs(work, whole, 5) > Math.max(QUICK, 3 * leastMs(work, textOf(HALF), 5))
  return Array.from({ length: LOOKS }).every(grows)
}

/** What other threads take of it is little. */
const LONG_RUN = 100

/** The least CPU of several runs. A run below `enough` ends them, and so does a long one. */
function leastMs(work: Work, text: string, runs: number, enough = 0): number {
  let least = Number.POSITIVE_INFINITY
  for (let run = 0; run < runs && least >= enough; run++) {
    const before = process.cpuUsage()
    work(text)
    const { user, system } = process.cpuUsage(before)
    const taken = (user + system) / 1000
    least = Math.min(least, taken)
    if (taken > LONG_RUN) break
  }
  return least
}
