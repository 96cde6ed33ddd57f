import type { Goal, Rival, Row } from '../row.ts'

const THREADS = 'in 2 threads, 8 clients'
const SIZES = [1, 2, 4, 8] as const

/** The rows of the table of pools, in its order. */
export const ROWS: readonly Row[] = [
  row(
    'threads-busy',
    `a tenth of a ms of arithmetic ${THREADS}`,
    piscina('threads-busy', { floor: 0.85, aim: 1 }),
    tinypool('threads-busy'),
  ),
  row('threads-idle', `nothing at all ${THREADS}`, piscina('threads-idle', { aim: 0.85 }), tinypool('threads-idle')),
  row('thread-1', 'nothing at all in 1 thread, 1 client', piscina('thread-1', { aim: 0.85 }), tinypool('thread-1')),
  row('async', 'a promise, 16 at once of 64 clients', queue('async')),
  row('async-1', 'a promise, 1 client', queue('async-1')),
  row('async-burst', 'a promise, 10 000 given at once, 16 of them at work', queue('async-burst')),
  ...SIZES.map(mixedRow),
  {
    ...row('mixed-8-busy', 'share of the time for which 8 workers are at work'),
    figure: 'busy',
    unit: '%',
    ours: 'pool/mixed-8',
  },
]

function row(name: string, title: string, ...against: readonly Rival[]): Row {
  return { name, title, figure: 'perSecond', unit: 'tasks/s', better: 'more', ours: `pool/${name}`, against }
}

function piscina(load: string, goal: Goal): Rival {
  return { name: 'bare piscina', measurement: `piscina/${load}`, goal }
}

function tinypool(load: string): Rival {
  return { name: 'tinypool', measurement: `tinypool/${load}` }
}

function queue(load: string): Rival {
  return { name: 'p-queue', measurement: `p-queue/${load}`, goal: { floor: 1 } }
}

/** What twice as many workers come to: the first can do all, others only text, or text and images. */
function mixedRow(size: (typeof SIZES)[number]): Row {
  const title = `text, images and sound of 4, 8 and 12 ms on ${size} worker${size === 1 ? '' : 's'}`
  const alone: Rival = { name: 'on 1 worker', measurement: 'pool/mixed-1', goal: { floor: 0.8 * size } }
  return row(`mixed-${size}`, title, ...(size === 1 ? [] : [alone]))
}
