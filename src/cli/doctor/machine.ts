import { closeSync, existsSync, fsyncSync, openSync, rmSync, writeSync } from 'node:fs'
import { dirname, join } from 'node:path'
import Database from 'libsql'
import { formatSize } from '../../lib/text/format-size.ts'
import { boundsHere } from '../../worker/isolation/bounded.ts'
import { type MachineFound, type MachineSettings, machineOf } from '../../worker/scaling/machine.ts'
import { formatCount } from '../terminal/format.ts'
import type { Examination } from './check.ts'

/** Examinations of the machine and of the sizes that follow from it. */
export function machineExaminations(settings: () => Promise<MachineSettings>): readonly Examination[] {
  const found = async () => machineOf(await settings())
  return [
    { name: 'cores', look: async () => describeCores(await found()) },
    { name: 'pools', look: async () => describePools(await found(), await settings()) },
    { name: 'readers', look: describeReaders },
  ]
}

/** The machine, and the sizes that antiphon uses, as data. */
export function describeMachine(settings: MachineSettings = {}) {
  const { topology, sizes } = machineOf(settings)
  const { learning, ...threads } = sizes.threads
  return { machine: topology, sizes: { threads, actions: sizes.actions } }
}

function describeCores({ topology, sizes: { threads } }: MachineFound): string {
  const { cores, why, physical, memory } = topology
  const shared = physical < cores ? ` on ${physical} physical cores` : ''
  const computing = `${formatCount(threads.max, 'compute thread')} with ${formatSize(threads.megabytes * 1024 ** 2)}${threads.max === 1 ? '' : ' each'}`
  return `${formatCount(cores, 'core')}${shared} (${why}); ${formatSize(memory)} of memory; ${computing}`
}

function describePools({ policy }: MachineFound, { pools = {} }: MachineSettings): string {
  const named = Object.keys(pools).map((id) => `${id} ${handsOf(policy(id))}`)
  return [`${handsOf(policy(''))} per pool`, ...named].join(', ')
}

const handsOf = ({ min, max }: { readonly min: number; readonly max: number }) =>
  min === max ? formatCount(min, 'worker') : `${min} to ${max} workers`

function describeReaders(): string {
  const is = 'PDF, DOCX and HTML are read in a process'
  return boundsHere() === 'address-space'
    ? `${is} with a limit of address space`
    : `${is} that is killed when it holds too much memory: this system has no limit of address space`
}

const ROUNDS = 20

/** The time (ms, median of 20) in which the disk of a folder makes 4 KiB durable; the folder itself need not exist. */
export function measureFsync(folder: string): number {
  const path = join(nearestFolder(folder), `.antiphon-fsync-${process.pid}`)
  const file = openSync(path, 'wx', 0o600)
  try {
    const times = Array.from({ length: ROUNDS }, () => timeOne(file)).sort((a, b) => a - b)
    return times[ROUNDS / 2]!
  } finally {
    closeSync(file)
    rmSync(path, { force: true })
  }
}

function timeOne(file: number): number {
  const begun = performance.now()
  writeSync(file, new Uint8Array(4096))
  fsyncSync(file)
  return performance.now() - begun
}

function nearestFolder(folder: string): string {
  return existsSync(folder) || dirname(folder) === folder ? folder : nearestFolder(dirname(folder))
}

export function sqliteVersion(): string {
  const database = new Database(':memory:')
  try {
    return (database.prepare('SELECT sqlite_version() AS version').get() as { version: string }).version
  } finally {
    database.close()
  }
}
