import { type MachineFound, type MachineSettings, machineOf } from '../../runtime/services/machine.ts'
import { count, size } from '../terminal/format.ts'
import type { Examination } from './check.ts'

/** What the doctor says of the machine, and of the sizes that follow from it. */
export function machineExaminations(settings: () => Promise<MachineSettings>): readonly Examination[] {
  const found = async () => machineOf(await settings())
  return [
    { name: 'cores', look: async () => describeCores(await found()) },
    { name: 'pools', look: async () => describePools(await found(), await settings()) },
  ]
}

/** The same as data. */
export function machineFound(settings: MachineSettings = {}) {
  const { topology, sizes } = machineOf(settings)
  return { machine: topology, sizes }
}

function describeCores({ topology, sizes: { threads } }: MachineFound): string {
  const { cores, why, physical, memory } = topology
  const shared = physical < cores ? `, on ${physical} that share nothing` : ''
  const computing = `${count(threads.max, 'thread')} may compute, with ${threads.megabytes} MiB each`
  return `${cores}${shared} (${why}), ${size(memory)} of memory; ${computing}`
}

function describePools({ policy }: MachineFound, { pools = {} }: MachineSettings): string {
  const named = Object.keys(pools).map((id) => `${id} ${handsOf(policy(id))}`)
  return [`${handsOf(policy(''))} in each`, ...named].join(', ')
}

const handsOf = ({ min, max }: { readonly min: number; readonly max: number }) =>
  min === max ? count(min, 'hand') : `${min} to ${max} hands`
