import type { CompiledStep } from '../plan/compiled.ts'

/** Who waits for one step only, and starts whenever that ends, is not counted down, and has no part before it starts. */
export function isCounted({ needs, maybe, skippable, onDemand }: CompiledStep): boolean {
  return needs.length > 1 || maybe !== undefined || skippable === true || onDemand === true
}
