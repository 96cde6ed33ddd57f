import type { Row } from '../row.ts'

/** ms that HTTP may add */
const ADDED = 2
/** KB: what is seen of none, with as much work before as after */
const IDLE = 4

/** The rows of the table of serving, in its order; each measurement has a server of its own. */
export const ROWS: readonly Row[] = [
  {
    ...less('ask-64', 'an ask of 64 clients who pause, p99 over HTTP', 'http/asks', 'p99', 'ms'),
    against: [{ name: 'the runtime itself, of the same asks', measurement: 'http/asks', figure: 'engine99' }],
  },
  { ...less('ask-64-over', 'what HTTP adds to that p99', 'http/asks', 'over', 'ms'), goal: { floor: ADDED } },
  {
    ...more('cheap', 'a cheap route, 64 clients', 'http/cheap', 'cheap'),
    against: [{ name: 'a bare Hono handler', measurement: 'http/cheap', figure: 'bare' }],
  },
  {
    ...more('start', 'start a run, 64 clients', 'http/starts', 'start'),
    against: [
      { name: 'the runtime itself', measurement: 'http/starts', figure: 'within' },
      { name: 'a bare Hono handler', measurement: 'http/starts', figure: 'bare' },
    ],
  },
  {
    ...less('streams-memory', 'the server with 10 000 open event streams', 'http/streams-of-100', 'megabytes', 'MB'),
    goal: { floor: 500 },
  },
  less('stream-memory', 'of which each stream', 'http/streams-of-100', 'perStream', 'KB'),
  {
    ...less('delivery-1', 'an event told to all 10 000, p99', 'http/streams-of-1', 'p99', 'ms'),
    goal: { floor: 250 },
  },
  {
    ...less('delivery-100', 'events of 100 runs to 100 each, p99', 'http/streams-of-100', 'p99', 'ms'),
    goal: { floor: 250 },
  },
  {
    ...less('thread-live', 'a thread whose ask is under way, 400 on 10 workers', 'http/threads-waiting', 'live', 'KB'),
    goal: { floor: 64 },
  },
  {
    ...less('thread-idle', 'a thread whose ask was answered', 'http/threads-waiting', 'idle', 'KB'),
    goal: { floor: IDLE },
  },
  {
    ...less('thread-model', 'a thread in a call of its model', 'http/threads-in-model', 'live', 'KB'),
    goal: { floor: 64 },
  },
  {
    ...less('threads-memory', 'the server with 400 live threads', 'http/threads-waiting', 'megabytes', 'MB'),
    against: [
      { name: 'actors, as claimed of one session', measurement: 'claimed/actors' },
      { name: 'a graph, as claimed of one session', measurement: 'claimed/graph' },
    ],
  },
]

function less(name: string, title: string, ours: string, figure: string, unit: string): Row {
  return { name, title, ours, figure, unit, better: 'less', against: [] }
}

function more(name: string, title: string, ours: string, figure: string): Row {
  return { name, title, ours, figure, unit: 'requests/s', better: 'more', against: [] }
}
