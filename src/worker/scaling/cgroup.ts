/** Limits of all control groups of a process, from its own up to the root. Empty if there are none. */
type CgroupLimits = { readonly quotas: readonly number[]; readonly memoryLimits: readonly number[] }

/** Reads a small file; undefined when it does not exist. */
export type ReadText = (path: string) => string | undefined

/** Reads the limits of cgroup v1 and v2. Skips groups that are not visible. */
export function readCgroupLimits(read: ReadText): CgroupLimits {
  const mounts = mountsIn(read('/proc/self/mountinfo') ?? '')
  const groups = groupsIn(read('/proc/self/cgroup') ?? '')
  const folders = mounts.flatMap((mount) => foldersOf(mount, groups))
  return {
    quotas: folders.flatMap((folder) => [...quotaV2(read, folder), ...quotaV1(read, folder)]),
    memoryLimits: folders.flatMap((folder) =>
      numbersIn(read, `${folder}/memory.max`, `${folder}/memory.limit_in_bytes`),
    ),
  }
}

/** `controllers`: of version 1; version 2 has one tree for all of them. */
type Mount = { readonly at: string; readonly controllers?: readonly string[] }

/** A line is `36 35 0:28 / /sys/fs/cgroup rw - cgroup2 cgroup2 rw`; of version 1 the last word has the controllers. */
function mountsIn(text: string): readonly Mount[] {
  return text.split('\n').flatMap((line) => {
    const [before = '', behind = ''] = line.split(' - ')
    const at = before.split(' ')[4]
    const [type, , options = ''] = behind.split(' ')
    if (at === undefined) return []
    if (type === 'cgroup2') return [{ at }]
    return type === 'cgroup' ? [{ at, controllers: options.split(',') }] : []
  })
}

/** A line is `0::/path` for version 2, `4:cpu,cpuacct:/path` for version 1. */
type Group = { readonly controllers: readonly string[]; readonly path: string }

function groupsIn(text: string): readonly Group[] {
  return text.split('\n').flatMap((line) => {
    const [, controllers, path] = /^\d+:([^:]*):(\/.*)$/.exec(line) ?? []
    if (controllers === undefined || path === undefined) return []
    return [{ controllers: controllers === '' ? [] : controllers.split(','), path }]
  })
}

/** The visible folders of a process in one hierarchy, its own first; in a container lower ones look like the root. */
function foldersOf({ at, controllers }: Mount, groups: readonly Group[]): readonly string[] {
  const group = groups.find((group) =>
    controllers ? group.controllers.some((one) => controllers.includes(one)) : group.controllers.length === 0,
  )
  const words = (group?.path ?? '/').split('/').filter((word) => word !== '')
  return [...words.keys(), words.length].reverse().map((count) => [at, ...words.slice(0, count)].join('/'))
}

function quotaV2(read: ReadText, folder: string): readonly number[] {
  const [quota, period] = (read(`${folder}/cpu.max`) ?? '').trim().split(' ')
  return quota === undefined || quota === 'max' ? [] : coresOf(Number(quota), Number(period))
}

function quotaV1(read: ReadText, folder: string): readonly number[] {
  const [quota = -1] = numbersIn(read, `${folder}/cpu.cfs_quota_us`)
  const [period = 0] = numbersIn(read, `${folder}/cpu.cfs_period_us`)
  return coresOf(quota, period)
}

const coresOf = (quota: number, period: number): readonly number[] => (quota > 0 && period > 0 ? [quota / period] : [])

function numbersIn(read: ReadText, ...paths: readonly string[]): readonly number[] {
  return paths
    .map((path) => read(path)?.trim() ?? '')
    .filter((text) => text !== '' && text !== 'max')
    .map(Number)
    .filter(Number.isFinite)
}
