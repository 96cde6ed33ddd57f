import { type RenderMachine, spendSteps } from '../machine/machine.ts'

/** The fields of a map that are data, in their order. Counted twice: listing a large map is slow. */
export function entriesOf(map: object, machine: RenderMachine): readonly (readonly [key: string, value: unknown])[] {
  const entries = Object.entries(map)
  spendSteps(machine, entries.length * 2)
  return entries.filter(([, value]) => value !== undefined && typeof value !== 'function')
}
