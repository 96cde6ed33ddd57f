/** Bounds the concurrent requests for each host; further requests wait. */
export interface HostSlots {
  use<T>(host: string, signal: AbortSignal, work: () => Promise<T>): Promise<T>
}

type Host = { active: number; readonly waiting: (() => void)[] }

export function createHostSlots(most: number): HostSlots {
  const hosts = new Map<string, Host>()

  async function enter(name: string, signal: AbortSignal): Promise<void> {
    const host = hosts.get(name) ?? { active: 0, waiting: [] }
    hosts.set(name, host)
    if (host.active < most) {
      host.active++
      return
    }
    const { promise, resolve, reject } = Promise.withResolvers<void>()
    const leave = () => {
      host.waiting.splice(host.waiting.indexOf(resolve), 1)
      reject(signal.reason)
    }
    signal.addEventListener('abort', leave, { once: true })
    host.waiting.push(resolve)
    await promise.finally(() => signal.removeEventListener('abort', leave))
  }

  function exit(name: string): void {
    const host = hosts.get(name)!
    const next = host.waiting.shift()
    // the next request gets the slot
    if (next) next()
    else if (--host.active === 0) hosts.delete(name)
  }

  return {
    async use(host, signal, work) {
      signal.throwIfAborted()
      await enter(host, signal)
      try {
        return await work()
      } finally {
        exit(host)
      }
    },
  }
}
