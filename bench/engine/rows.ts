import { countedOf } from '../count/subjects.ts'
import type { Goal, Rival, Row } from '../row.ts'
import { LOADS, type LoadName } from './loads.ts'

/** The products beside workflows, by subject. */
const WORKFLOW_PEERS = { dbos: 'DBOS on PostgreSQL', restate: 'Restate', openworkflow: 'OpenWorkflow on SQLite' }

/** The rows of the engine's table, in its order. */
export const ROWS: readonly Row[] = [
  rate(
    'update-64',
    'keyed update, 64 clients over 64 keys',
    ceiling('update-64', { floor: 0.6, aim: 0.85 }),
    restate('update-64', 30),
  ),
  rate('update-512', 'keyed update, 512 clients', ceiling('update-512', { floor: 0.6, aim: 0.8 })),
  rate('update-random', '64 clients over 100 000 random keys', ceiling('update-random', { floor: 0.6, aim: 0.8 })),
  rate(
    'update-1',
    'keyed update, 1 client, one at a time',
    ceiling('update-1', { floor: 0.5, aim: 0.75 }),
    restate('update-1', 10),
  ),
  rate(
    'run-32',
    'ten-step run, 32 at once',
    ceiling('run-32', { floor: 0.3, aim: 0.5 }),
    restate('run-32', 8),
    dbos('run-32', 10),
  ),
  rate(
    'run-1',
    'ten-step run, one at a time',
    ceiling('run-1', { floor: 0.45, aim: 0.7 }),
    restate('run-1', 3),
    dbos('run-1'),
  ),
  rate('fan-out', 'fan-out of 1 000 steps, window 1 000', ceiling('fan-out', { floor: 0.2, aim: 0.5 })),
  {
    ...rate('run-32', "the pipeline's own run and step actors, 32 at once"),
    name: 'pipeline-32',
    ours: 'pipeline/run-32',
    against: [{ name: 'bare actors', measurement: 'antiphon/run-32', goal: { floor: 0.6, aim: 0.8 } }],
  },
  byMessage('run-32', 'workflow of ten steps by one message, 32 at once', 0.6),
  byMessage('run-1', 'workflow of ten steps by one message, one at a time'),
  workflow('run-32', 'workflow of ten steps, started and followed, 32 at once'),
  workflow('run-1', 'workflow of ten steps, started and followed, one at a time'),
  workflowSyncs('run-32', 'syncs of a workflow of ten steps, 32 at once'),
  workflowSyncs('run-1', 'syncs of a workflow of ten steps, one at a time'),
  {
    ...single(
      'asks-32',
      'ask through the six phases, no wait for the model, 32 at once',
      'chain/asks',
      'perSecond',
      'asks/s',
    ),
    better: 'more',
    against: [
      { name: 'ten-step run, started from its file', measurement: 'chain/asks', figure: 'runs', goal: { floor: 1.5 } },
    ],
  },
  {
    ...rate('update-one', 'ledger operations of 100 owners, 64 clients'),
    name: 'ledger',
    unit: 'operations/s',
    ours: 'ledger/update-one',
    against: [{ name: 'updates of one key', measurement: 'antiphon/update-one', goal: { floor: 0.15, aim: 0.3 } }],
  },
  {
    ...rate('update-one', 'the same without the actors of accounts'),
    name: 'ledger-direct',
    unit: 'operations/s',
    ours: 'ledger-direct/update-one',
    against: [{ name: 'updates of one key', measurement: 'antiphon/update-one' }],
  },
  rate('run-32-pure', 'ten-step run, pure effects, 32 at once', ceiling('run-32')),
  rate('run-1-pure', 'ten-step run, pure effects, one at a time', ceiling('run-1')),
  rate('fan-out-pure', 'fan-out, pure effects', ceiling('fan-out')),
  rate('update-64-process', 'keyed update, 64 clients, durability: process', power('update-64')),
  rate('run-32-process', 'ten-step run, 32 at once, durability: process', power('run-32')),
  rate('fan-out-process', 'fan-out, durability: process', power('fan-out')),
  {
    ...single('tell', 'tell 1 M messages to one actor, inline engine', 'antiphon/tell', 'perSecond', 'messages/s'),
    better: 'more',
    goal: { floor: 1_000_000 },
    against: [
      { name: 'nact', measurement: 'nact/tell', goal: { floor: 1 } },
      { name: 'Effect', measurement: 'effect/tell' },
      { name: 'XState', measurement: 'xstate/tell' },
    ],
  },
  {
    ...single('loop-delay', 'main-loop delay p99 in update-64', 'antiphon/update-64', 'delay99', 'ms'),
    goal: { floor: 10, aim: 4 },
  },
  {
    ...single('memory', 'RSS that 100 000 evicted actors leave', 'antiphon/memory', 'grown', 'MB'),
    goal: { floor: 20 },
  },
  {
    ...single('read-back', 'touching one of them again, p99', 'antiphon/memory', 'readBack', 'ms'),
    goal: { floor: 5 },
  },
  {
    ...single('recovery', 'kill -9 until 10 000 runs are taken up again', 'antiphon/recovery', 'milliseconds', 'ms'),
    goal: { floor: 1000, aim: 300 },
  },
  {
    ...single('step-cost', 'a step in a run of 1 000 against one of 10', 'pipeline/step-cost', 'ratio', '×'),
    goal: { floor: 1.3, aim: 1.1 },
  },
  {
    ...single('bytes-per-run', 'bytes written per ten-step run in run-32', 'antiphon/run-32', 'bytes', 'B'),
    goal: { floor: 20_000, aim: 12_000 },
    against: [ceiling('run-32')],
  },
  {
    ...single('file-size', 'the file after 100 000 runs, 10 000 kept', 'pipeline/file-size', 'megabytes', 'MB'),
    slow: true,
  },
  {
    ...single('file-growth', 'what each of the last 70 000 added', 'pipeline/file-size', 'perRun', 'B'),
    goal: { floor: 500 },
    slow: true,
  },
]

function rate(name: LoadName, title: string, ...against: readonly Rival[]): Row {
  const unit = `${LOADS[name].operation}s/s`
  return { name, title, figure: 'perSecond', unit, better: 'more', ours: `antiphon/${name}`, against }
}

function single(name: string, title: string, ours: string, figure: string, unit: string): Row {
  return { name, title, ours, figure, unit, better: 'less', against: [] }
}

function ceiling(load: LoadName, goal?: Goal): Rival {
  return { name: 'ceiling', measurement: `ceiling/${load}`, ...(goal && { goal }) }
}

function restate(load: LoadName, floor: number): Rival {
  return { name: 'Restate', measurement: `restate/${load}`, goal: { floor } }
}

function dbos(load: LoadName, floor?: number): Rival {
  return { name: 'DBOS on PostgreSQL', measurement: `dbos/${load}`, ...(floor !== undefined && { goal: { floor } }) }
}

/** Both by the message that starts a run, which waits for the reply. */
function byMessage(load: LoadName, title: string, aim?: number): Row {
  const goal = aim === undefined ? {} : { goal: { aim } }
  const pipeline = { name: 'as a pipeline', measurement: `pipeline/${load}`, ...goal }
  return { ...rate(load, title, pipeline), name: `workflow-message-${load}`, ours: `workflow-message/${load}` }
}

/** All by their public door. */
function workflow(load: LoadName, title: string): Row {
  const peers = Object.entries(WORKFLOW_PEERS).map(([of, name]) => ({ name, measurement: `${of}/${load}` }))
  const pipeline = { name: 'as a pipeline', measurement: `pipeline-door/${load}` }
  return { ...rate(load, title, pipeline, ...peers), name: `workflow-${load}`, ours: `workflow/${load}` }
}

/** The server of Restate is not traced, so its syncs are not counted. */
function workflowSyncs(load: LoadName, title: string): Row {
  const peers = (['dbos', 'openworkflow'] as const).map((of) => ({
    name: WORKFLOW_PEERS[of],
    measurement: `${countedOf(of)}/${load}`,
  }))
  const ours = `${countedOf('workflow')}/${load}`
  return { ...single(`workflow-${load}-syncs`, title, ours, 'syncs', 'syncs'), against: peers, counts: 'syncs' }
}

/** The same with what survives power loss. */
function power(load: LoadName): Rival {
  return { name: 'synchronous=FULL', measurement: `antiphon/${load}` }
}
