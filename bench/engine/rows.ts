import type { Goal, Rival, Row } from '../row.ts'
import { LOADS, type LoadName } from './loads.ts'

/** The rows of the engine's table, in its order. */
export const ROWS: readonly Row[] = [
  rate('update-64', 'keyed update, 64 clients over 64 keys', ceiling('update-64', { floor: 0.6, aim: 0.85 })),
  rate('update-512', 'keyed update, 512 clients', ceiling('update-512', { floor: 0.6, aim: 0.8 })),
  rate('update-random', '64 clients over 100 000 random keys', ceiling('update-random', { floor: 0.6, aim: 0.8 })),
  rate('update-1', 'keyed update, 1 client, one at a time', ceiling('update-1', { floor: 0.5, aim: 0.75 })),
  rate('run-32', 'ten-step run, 32 at once', ceiling('run-32', { floor: 0.3, aim: 0.5 })),
  rate('run-1', 'ten-step run, one at a time', ceiling('run-1', { floor: 0.45, aim: 0.7 })),
  rate('fan-out', 'fan-out of 1 000 steps, window 1 000', ceiling('fan-out', { floor: 0.2, aim: 0.5 })),
  rate('run-32-pure', 'run-32 with pure effects', ceiling('run-32')),
  rate('run-1-pure', 'run-1 with pure effects', ceiling('run-1')),
  rate('fan-out-pure', 'fan-out with pure effects', ceiling('fan-out')),
  rate('update-64-process', 'update-64, durability: process', ceiling('update-64-process')),
  rate('run-32-process', 'run-32, durability: process', ceiling('run-32-process')),
  rate('fan-out-process', 'fan-out, durability: process', ceiling('fan-out-process')),
  {
    name: 'loop-delay',
    title: 'main-loop delay p99 in update-64',
    figure: 'delay99',
    unit: 'ms',
    better: 'less',
    ours: 'antiphon/update-64',
    goal: { floor: 10, aim: 4 },
    against: [],
  },
  {
    name: 'bytes-per-run',
    title: 'bytes written per ten-step run in run-32',
    figure: 'bytes',
    unit: 'B',
    better: 'less',
    ours: 'antiphon/run-32',
    goal: { floor: 20_000, aim: 12_000 },
    against: [ceiling('run-32')],
  },
]

function rate(name: LoadName, title: string, ...against: readonly Rival[]): Row {
  const unit = `${LOADS[name].operation}s/s`
  return { name, title, figure: 'perSecond', unit, better: 'more', ours: `antiphon/${name}`, against }
}

function ceiling(load: LoadName, goal?: Goal): Rival {
  return { name: 'ceiling', measurement: `ceiling/${load}`, ...(goal && { goal }) }
}
