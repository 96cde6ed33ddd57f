import type { Row } from '../row.ts'

/** The median start of a sandbox, in ms, must not be above this. */
const START = { floor: 100 }

/** The rows of the tools' table, in its order. */
export const ROWS: readonly Row[] = [
  {
    name: 'call',
    title: 'a call as a run',
    figure: 'microseconds',
    unit: 'µs',
    better: 'less',
    ours: 'call/run',
    against: [{ name: 'a run of one step', measurement: 'call/step', goal: { aim: 1.5 } }],
  },
  {
    name: 'bubblewrap',
    title: 'start of bubblewrap, with a command',
    figure: 'milliseconds',
    unit: 'ms',
    better: 'less',
    ours: 'sandbox/bubblewrap',
    goal: START,
    against: [],
  },
  {
    name: 'quickjs',
    title: 'start of QuickJS, with a script',
    figure: 'milliseconds',
    unit: 'ms',
    better: 'less',
    ours: 'sandbox/quickjs',
    goal: START,
    against: [],
  },
  {
    name: 'quickjs-ready',
    title: 'start of QuickJS in a thread that waits',
    figure: 'milliseconds',
    unit: 'ms',
    better: 'less',
    ours: 'sandbox/quickjs-ready',
    goal: { ...START, aim: 30 },
    against: [],
  },
]
