import type { EffectClass } from '../../src/kernel/types.ts'

/** What is asked of an engine, and by how many clients at once. */
export type Load = {
  readonly operation: 'update' | 'effects' | 'run' | 'fan-out'
  readonly clients: number
  /** updates go to random ones of so many keys; absent: each client has its own */
  readonly keys?: number
  /** of the steps; absent: idempotent */
  readonly effect?: EffectClass
  /** FULL survives power loss (the default), NORMAL the process only */
  readonly synchronous?: 'FULL' | 'NORMAL'
}

/** The loads by name. */
export const LOADS = {
  'update-64': { operation: 'update', clients: 64 },
  'update-512': { operation: 'update', clients: 512 },
  'update-random': { operation: 'update', clients: 64, keys: 100_000 },
  'update-one': { operation: 'update', clients: 64, keys: 1 },
  'update-1': { operation: 'update', clients: 1 },
  'update-32': { operation: 'update', clients: 32 },
  'effects-32': { operation: 'effects', clients: 32 },
  'effects-1': { operation: 'effects', clients: 1 },
  'run-32': { operation: 'run', clients: 32 },
  'run-1': { operation: 'run', clients: 1 },
  'fan-out': { operation: 'fan-out', clients: 1 },
  'run-32-pure': { operation: 'run', clients: 32, effect: 'pure' },
  'run-1-pure': { operation: 'run', clients: 1, effect: 'pure' },
  'fan-out-pure': { operation: 'fan-out', clients: 1, effect: 'pure' },
  'update-64-process': { operation: 'update', clients: 64, synchronous: 'NORMAL' },
  'run-32-process': { operation: 'run', clients: 32, synchronous: 'NORMAL' },
  'fan-out-process': { operation: 'fan-out', clients: 1, synchronous: 'NORMAL' },
} as const satisfies { readonly [name: string]: Load }

export type LoadName = keyof typeof LOADS
