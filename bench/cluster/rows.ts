import { LOADS, type LoadName } from '../engine/loads.ts'
import type { Goal, Rival, Row } from '../row.ts'

const EFFECTS = { floor: 0.8 }
const PIPELINE = { floor: 0.35, aim: 0.5 }

/** The rows of the cluster's table, in its order: all on one Restate server, but for those that name another engine. */
export const ROWS: readonly Row[] = [
  ...pairOf('effects', (load, clients) =>
    row('effects', load, `one turn with ten effects, ${clients}`, 'node', [
      byHand(load, EFFECTS),
      { name: 'by hand, plain service', measurement: `hand-plain/${load}` },
      onLibsql('antiphon', load),
    ]),
  ),
  ...pairOf('run', (load, clients) =>
    row('pipeline', load, `ten-step pipeline, ${clients}`, 'pipeline-node', [
      byHand(effectsOf(load), PIPELINE),
      onLibsql('pipeline', load),
    ]),
  ),
  ...pairOf('run', (load, clients) =>
    row('run', load, `bare actors, a run and ten steps, ${clients}`, 'node', [
      byHand(effectsOf(load)),
      { name: 'ten calls by hand', measurement: `hand/${load}` },
      onLibsql('antiphon', load),
    ]),
  ),
  ...pairOf('update', (load, clients) =>
    row('ask', load, `ask a counter, ${clients}`, 'node', [byHand(load), onLibsql('antiphon', load)]),
  ),
  row('effects-nodes', 'effects-32', 'one turn with ten effects, two nodes', 'nodes', [oneNode('node/effects-32')]),
  row('pipeline-nodes', 'run-32', 'ten-step pipeline, two nodes', 'pipeline-nodes', [oneNode('pipeline-node/run-32')]),
]

type Operation = 'effects' | 'run' | 'update'

/** The same under 32 clients and under one. */
function pairOf(operation: Operation, rowOf: (load: LoadName, clients: string) => Row): readonly Row[] {
  return [rowOf(`${operation}-32`, '32 clients'), rowOf(`${operation}-1`, 'one client')]
}

function row(name: string, load: LoadName, title: string, subject: string, against: readonly Rival[]): Row {
  const { operation, clients } = LOADS[load]
  const unit = operation === 'update' ? 'asks/s' : 'runs/s'
  const called = name.includes('-') ? name : `${name}-${clients}`
  return { name: called, title, figure: 'perSecond', unit, better: 'more', ours: `${subject}/${load}`, against }
}

/** The same ten effects, whatever they are compared with. */
function effectsOf(load: LoadName): string {
  return load.replace('run', 'effects')
}

/** An object with a key, a state and remembered ids: what an actor promises, too. */
function byHand(load: string, goal?: Goal): Rival {
  return { name: 'by hand, keyed object', measurement: `hand/${load}`, ...(goal && { goal }) }
}

function onLibsql(subject: 'antiphon' | 'pipeline', load: LoadName): Rival {
  return { name: 'the engine libSQL', measurement: `${subject}/${load}` }
}

function oneNode(measurement: string): Rival {
  return { name: 'one node', measurement }
}
