/** The result of some work, and how many MB more this program held at most, during it. */
export async function grown<T>(work: () => Promise<T>): Promise<{ readonly result: T; readonly growth: number }> {
  const before = process.memoryUsage.rss()
  let most = before
  const timer = setInterval(() => (most = Math.max(most, process.memoryUsage.rss())), 10)
  const result = await work().finally(() => clearInterval(timer))
  return { result, growth: (most - before) / 1_000_000 }
}
