import type { Goal, Rival, Row } from '../row.ts'
import { MOST, nameOf, type RunLoad, type Shape, SIZES } from './loads.ts'

/** How many runs are at once where one alone would wait for the disk most of the time. */
const AT_ONCE = 16

const LARGEST = SIZES.at(-1)!
/** A step may cost so much more in a large pipeline than in a small one. */
const EVEN: Goal = { floor: 1.3 }

/** What a run of each shape is called. */
const TITLES: { readonly [shape in Shape]: (steps: string) => string } = {
  chain: (steps) => `chain of ${steps} steps`,
  fan: (steps) => `fan-out of ${steps} steps`,
  each: (steps) => `loop over ${steps} items, 1 000 at once`,
}

/** The rows of the pipeline's table, in its order. */
export const ROWS: readonly Row[] = [
  ...SIZES.map((steps) => compileRow('chain', steps)),
  ...SIZES.map((steps) => compileRow('fan', steps)),
  ...SIZES.map((steps) => runRow({ shape: 'chain', steps, clients: 1 })),
  ...[10, 100].map((steps) => runRow({ shape: 'chain', steps, clients: AT_ONCE })),
  ...SIZES.map((steps) => runRow({ shape: 'fan', steps, clients: 1 })),
  ...[10, 100].map((steps) => runRow({ shape: 'fan', steps, clients: AT_ONCE })),
  ...SIZES.map((steps) => runRow({ shape: 'each', steps, clients: 1 })),
  ...[10, 100].map((steps) => runRow({ shape: 'each', steps, clients: AT_ONCE })),
  ...SIZES.map((steps) => processRow({ shape: 'chain', steps, clients: 1 })),
  ...[10, 100].map((steps) => processRow({ shape: 'chain', steps, clients: AT_ONCE })),
  ...SIZES.map((steps) => processRow({ shape: 'fan', steps, clients: 1 })),
  ...[10, 100].map((steps) => processRow({ shape: 'fan', steps, clients: AT_ONCE })),
  oneByOneRow({ shape: 'chain', steps: 10, clients: AT_ONCE }),
  oneByOneRow({ shape: 'chain', steps: 100, clients: 1 }),
  oneByOneRow({ shape: 'fan', steps: 100, clients: 1 }),
  oneByOneRow({ shape: 'each', steps: 100, clients: 1 }),
  costRow('chain'),
  costRow('fan'),
  costRow('each'),
  memoryRow('fan'),
  memoryRow('each'),
]

function titleOf({ shape, steps, clients }: RunLoad): string {
  const title = TITLES[shape](written(steps))
  return clients === 1 ? title : `${title}, ${clients} runs at once`
}

function written(steps: number): string {
  return steps.toLocaleString('en').replace(',', ' ')
}

function compileRow(shape: Shape, steps: number): Row {
  const load = { shape, steps, clients: 1 }
  return {
    ...cheap(`compile-${nameOf(load)}`, `compile a ${titleOf(load)}`, 'microseconds', 'µs/step'),
    ours: `compile/${nameOf(load)}`,
    against:
      steps === LARGEST ? [{ name: 'of 100', measurement: `compile/${shape}-100`, goal: { aim: EVEN.floor! } }] : [],
  }
}

function runRow(load: RunLoad): Row {
  const name = nameOf(load)
  const against = [
    rivalOf(load, 'langgraph', 'LangGraph on PostgreSQL', 10),
    rivalOf(load, 'dbos', 'DBOS on PostgreSQL', 10),
    rivalOf(load, 'mastra', 'Mastra on libSQL, no fsync', 1),
  ]
  return { ...fast(name, titleOf(load)), ours: `steps/${name}`, against }
}

/** A peer under the same load, of as many steps as it is given. A single chain waits for the disk at each step, whoever runs it. */
function rivalOf(load: RunLoad, subject: string, title: string, times: number): Rival {
  const given = { ...load, steps: Math.min(MOST, load.steps) }
  const name = given.steps === load.steps ? title : `${title}, of ${written(MOST)}`
  const waits = load.shape === 'chain' && load.clients === 1
  return { name, measurement: `${subject}/${nameOf(given)}`, goal: waits ? { aim: times } : { floor: times } }
}

function processRow(load: RunLoad): Row {
  const name = nameOf(load)
  return {
    ...fast(`${name}-process`, `${titleOf(load)}, durability: process`),
    ours: `steps-process/${name}`,
    against: [rivalOf(load, 'mastra', 'Mastra on libSQL', 5)],
  }
}

/** The same runs without batches: the ratio is what batches are worth. */
function oneByOneRow(load: RunLoad): Row {
  const name = nameOf(load)
  return {
    ...fast(`${name}-one-by-one`, `${titleOf(load)}, no steps share a turn`),
    ours: `steps-one-by-one/${name}`,
    against: [{ name: 'with batches', measurement: `steps/${name}` }],
  }
}

function costRow(shape: Shape): Row {
  return {
    ...cheap(`${shape}-cost`, `a step of a ${TITLES[shape](written(LARGEST))}`, 'microseconds', 'µs/step'),
    ours: `steps/${shape}-${LARGEST}`,
    against: [{ name: 'of 10', measurement: `steps/${shape}-10`, goal: EVEN }],
  }
}

function memoryRow(shape: Shape): Row {
  const title = `memory at most in a ${TITLES[shape](written(LARGEST))}`
  return {
    ...cheap(`${shape}-memory`, title, 'megabytes', 'MB'),
    ours: `steps/${shape}-${LARGEST}`,
    goal: { floor: 1000 },
    against: [],
  }
}

function cheap(name: string, title: string, figure: string, unit: string) {
  return { name, title, figure, unit, better: 'less' } as const
}

function fast(name: string, title: string) {
  return { name, title, figure: 'perSecond', unit: 'steps/s', better: 'more' } as const
}
