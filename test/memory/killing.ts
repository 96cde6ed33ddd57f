import type { MemoryConnection } from '../../src/memory/store/connection.ts'

/** A connection that kills its process at a moment of one of its transactions. */
export function killing(connection: MemoryConnection, moment: 'before' | 'inside' | 'after', at: number) {
  let transactions = 0
  const killAt = (now: string) => {
    if (now === moment && transactions === at) process.kill(process.pid, 'SIGKILL')
  }
  const killed: MemoryConnection = {
    ...connection,
    transaction(owner, work) {
      transactions++
      killAt('before')
      const result = connection.transaction(owner, () => {
        const inner = work()
        killAt('inside')
        return inner
      })
      killAt('after')
      return result
    },
  }
  return { connection: killed, count: () => transactions }
}
