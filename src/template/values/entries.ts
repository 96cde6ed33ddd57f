import { type RenderMachine, spendSteps } from '../machine/machine.ts'

/** The data fields of a map, in their order. Counted as twice the work: listing a large map is slow. */
export function entriesOf(map: object, machine: RenderMachine): readonly (readonly [key: string, value: unknown])[] {
  const entries = Object.entries(map)
  spendSteps(machine, entries.length * 2)
  return entries.filter(([, value]) => value !== undefined && typeof value !== 'function')
}
