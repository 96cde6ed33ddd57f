import { describe, expect, it } from 'vitest'
import { readCgroupLimits } from '../../../src/worker/scaling/cgroup.ts'
import { ioBound, type PoolSizes, sizesOf } from '../../../src/worker/scaling/default-sizes.ts'
import { probeMachine } from '../../../src/worker/scaling/machine-probe.ts'
import { type MachineLimits, topologyOf } from '../../../src/worker/scaling/topology.ts'

const GB = 2 ** 30
const machine = (given: Partial<MachineLimits>): MachineLimits => ({
  parallelism: 8,
  quotas: [],
  memory: 16 * GB,
  memoryLimits: [],
  ...given,
})

describe('the topology of a machine', () => {
  it.each<[string, Partial<MachineLimits>, { cores: number; physical: number; memory: number }]>([
    ['all that the scheduler gives', {}, { cores: 8, physical: 8, memory: 16 * GB }],
    ['a quota of a quarter of a core', { quotas: [0.25] }, { cores: 1, physical: 1, memory: 16 * GB }],
    [
      'the smallest quota of all groups, its fraction cut off',
      { quotas: [6, 2.9, 4] },
      { cores: 2, physical: 2, memory: 16 * GB },
    ],
    ['a quota above what there is', { quotas: [64] }, { cores: 8, physical: 8, memory: 16 * GB }],
    ['one core', { parallelism: 1, threadsPerCore: 2 }, { cores: 1, physical: 1, memory: 16 * GB }],
    ['two threads on each core', { threadsPerCore: 2 }, { cores: 8, physical: 4, memory: 16 * GB }],
    ['one thread on each core', { threadsPerCore: 1 }, { cores: 8, physical: 8, memory: 16 * GB }],
    ['a limit of memory', { memoryLimits: [2 * GB, 512 * 2 ** 20] }, { cores: 8, physical: 8, memory: GB / 2 }],
    ['limits that are none', { memoryLimits: [0, 2 ** 63, Number.NaN] }, { cores: 8, physical: 8, memory: 16 * GB }],
  ])('%s', (_name, given, found) => {
    expect(topologyOf(machine(given))).toMatchObject(found)
  })

  it('is what is said, where somebody says it', () => {
    expect(topologyOf(machine({ quotas: [0.25] }), '12')).toMatchObject({ cores: 12, why: 'as it is set' })
    expect(topologyOf(machine({}), '')).toMatchObject({ cores: 8, why: '8 usable' })
    expect(topologyOf(machine({}), '0.25')).toMatchObject({ cores: 1, why: 'set to 0.25' })
    expect(topologyOf(machine({}), 2.5)).toMatchObject({ cores: 2 })
    for (const said of ['0', '-2', 'NaN', 'all', '5000'])
      expect(() => topologyOf(machine({}), said)).toThrow(/Expected a number of cores/)
  })

  it('says why', () => {
    expect(topologyOf(machine({ quotas: [0.25] })).why).toBe('8 usable, of which a quota gives the time of 0.25')
  })
})

describe('the sizes for a machine', () => {
  const sizes = (given: Partial<MachineLimits>) => sizesOf(topologyOf(machine(given)))

  it.each<[string, Partial<MachineLimits>, Partial<PoolSizes>]>([
    [
      'a quota of a quarter of a core',
      { quotas: [0.25] },
      {
        threads: { min: 1, max: 1, learning: 0, megabytes: 128 },
        actions: { min: 10, max: 32 },
      },
    ],
    ['one core', { parallelism: 1 }, { threads: { min: 1, max: 1, learning: 0, megabytes: 128 } }],
    [
      '64 cores with 512 MB',
      { parallelism: 64, memoryLimits: [512 * 2 ** 20] },
      {
        threads: { min: 1, max: 2, learning: 1, megabytes: 128 },
        actions: { min: 10, max: 64 },
      },
    ],
    [
      'eight cores of which two share one each time',
      { parallelism: 8, threadsPerCore: 2 },
      { threads: { min: 1, max: 4, learning: 3, megabytes: 128 } },
    ],
    [
      'eight cores without threads that share one',
      { parallelism: 8, threadsPerCore: 1 },
      {
        threads: { min: 1, max: 7, learning: 6, megabytes: 128 },
      },
    ],
  ])('%s', (_name, given, expected) => {
    expect(sizes(given)).toMatchObject(expected)
  })

  it('never have a minimum above its maximum, nor more threads than the machine is to bear', () => {
    for (const parallelism of [1, 2, 3, 4, 7, 16, 64, 256])
      for (const quota of [0.1, 0.5, 1, 1.5, 8, 1000])
        for (const megabytes of [64, 512, 65_536]) {
          const { threads, actions } = sizes({
            parallelism,
            quotas: [quota],
            memory: megabytes * 2 ** 20,
          })
          expect(threads.min).toBeLessThanOrEqual(threads.max)
          expect(actions.min).toBeLessThanOrEqual(actions.max)
          expect(threads.max).toBeLessThanOrEqual(4 * parallelism)
          expect(actions.max).toBeLessThanOrEqual(64)
          expect(Math.min(threads.min, actions.min)).toBeGreaterThanOrEqual(1)
        }
  })

  it('follow from how long work waits', () => {
    expect([ioBound(4, 0), ioBound(4, 1.5), ioBound(1, 0)]).toEqual([4, 10, 1])
  })
})

describe('control groups', () => {
  const files = (all: { readonly [path: string]: string }) => (path: string) => all[path]
  const V2 = '29 23 0:26 / /sys/fs/cgroup rw,nosuid - cgroup2 cgroup2 rw,nsdelegate\n'
  const V1 = `${['cpu,cpuacct', 'memory']
    .map((name) => `33 31 0:30 / /sys/fs/cgroup/${name} rw - cgroup cgroup rw,${name}`)
    .join('\n')}\n`

  it('of version 2 are read from the own one up to the root', () => {
    const read = files({
      '/proc/self/mountinfo': V2,
      '/proc/self/cgroup': '0::/pods/one\n',
      '/sys/fs/cgroup/pods/one/cpu.max': 'max 100000\n',
      '/sys/fs/cgroup/pods/cpu.max': '25000 100000\n',
      '/sys/fs/cgroup/pods/one/memory.max': '536870912\n',
      '/sys/fs/cgroup/pods/memory.max': 'max\n',
    })
    expect(readCgroupLimits(read)).toEqual({ quotas: [0.25], memoryLimits: [536870912] })
  })

  it('of version 1 are each in a tree of its own', () => {
    const read = files({
      '/proc/self/mountinfo': V1,
      '/proc/self/cgroup': '5:cpuacct,cpu:/a\n4:memory:/b\n',
      '/sys/fs/cgroup/cpu,cpuacct/a/cpu.cfs_quota_us': '150000\n',
      '/sys/fs/cgroup/cpu,cpuacct/a/cpu.cfs_period_us': '100000\n',
      '/sys/fs/cgroup/cpu,cpuacct/cpu.cfs_quota_us': '-1\n',
      '/sys/fs/cgroup/cpu,cpuacct/cpu.cfs_period_us': '100000\n',
      '/sys/fs/cgroup/memory/memory.limit_in_bytes': '8796093022208\n',
    })
    expect(readCgroupLimits(read)).toEqual({ quotas: [1.5], memoryLimits: [8796093022208] })
  })

  it('that a container cannot see are passed over: its own lie where they are mounted', () => {
    const read = files({
      '/proc/self/mountinfo': V2,
      '/proc/self/cgroup': '0::/docker/0123\n',
      '/sys/fs/cgroup/cpu.max': '50000 100000\n',
    })
    expect(readCgroupLimits(read).quotas).toEqual([0.5])
  })

  it('are absent on systems that have none', () => {
    expect(readCgroupLimits(() => undefined)).toEqual({ quotas: [], memoryLimits: [] })
  })
})

describe('this machine', () => {
  it('has at least one core and some memory', () => {
    const { cores, memory } = topologyOf(probeMachine())
    expect(cores).toBeGreaterThanOrEqual(1)
    expect(memory).toBeGreaterThan(2 ** 20)
  })

  it.each([
    ['0-1\n', 2],
    ['0,4', 2],
    ['0', 1],
    ['0-1,64-65', 4],
    ['', undefined],
    ['nonsense', undefined],
  ])('shares its cores as %j says', (text, threads) => {
    const read = (path: string) => (path.endsWith('thread_siblings_list') ? text : undefined)
    expect(probeMachine(read).threadsPerCore).toBe(threads)
  })
})
