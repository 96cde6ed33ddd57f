/** ms of CPU that this thread has used. Other work on the machine does not count, so a limit on it holds beside a load. */
export function threadTime(): number {
  const { user, system } = process.threadCpuUsage()
  return (user + system) / 1000
}
