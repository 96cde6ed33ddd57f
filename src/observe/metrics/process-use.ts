import { readFileSync } from 'node:fs'

/** The use of a process: seconds of CPU since its start, and its resident memory in bytes. */
export type ProcessUse = {
  readonly cpu: number
  readonly memory: number
  /** bytes of its control group, which holds the processes of its calls, too; absent: the system does not tell them */
  readonly group?: number
}

export function processUse(): ProcessUse {
  const { user, system } = process.cpuUsage()
  const group = memoryOfGroup()
  return { cpu: (user + system) / 1e6, memory: process.memoryUsage.rss(), ...(group !== undefined && { group }) }
}

/** The memory of the control group of this process, of version 2. The root group does not tell it. */
function memoryOfGroup(): number | undefined {
  try {
    const [, path = ''] = /^0::(\/.*)$/m.exec(readFileSync('/proc/self/cgroup', 'utf8')) ?? []
    return Number(readFileSync(`/sys/fs/cgroup${path}/memory.current`, 'utf8'))
  } catch {
    return undefined
  }
}
