import type { Case } from '../case.ts'

const BOOKED = '{"before":"nothing"}'

/** Runs that are undone, called off, or taken over by later ones. */
export const ends: readonly Case[] = [
  {
    name: 'undone',
    yaml: `
name: undone
steps:
  - { id: a, tool: book, parameters: { v: a } }
  - { id: b, tool: book, parameters: { v: b }, dependencies: [a] }
  - { id: each, for_each: [1, 2], dependencies: [b], steps: [{ id: c, tool: book, parameters: { v: "c{{ item }}" } }] }
  - { id: kept, tool: keep, parameters: { v: kept }, dependencies: [each] }
  - { id: half, tool: crumble, parameters: { v: half }, dependencies: [kept], on_failure: undo }`,
    outcome: { status: 'failed', success: false, failed_step: 'half' },
    calls: { a: 1, b: 1, c1: 1, c2: 1, kept: 1, half: 1 },
    undone: ['c2', 'c1', 'b', 'a'].map((v) => `${v} ${BOOKED}`),
  },
  {
    name: 'undone-whole',
    yaml: `
name: undone-whole
on_failure: undo
steps:
  - { id: write, tool: filesystem, action: write, parameters: { path: undone.txt, content: one } }
  - { id: a, tool: book, parameters: { v: a }, dependencies: [write] }
  - { id: waits, tool: wait-for-signal, dependencies: [write] }
  - { id: bad, tool: crumble, parameters: { v: bad }, dependencies: [a] }`,
    outcome: { status: 'failed', success: false, failed_step: 'bad' },
    calls: { a: 1, bad: 1 },
    undone: [`a ${BOOKED}`],
  },
  {
    name: 'cancelled',
    yaml: `
name: cancelled
steps:
  - { id: a, tool: keep, parameters: { v: a } }
  - { id: asks, tool: wait-for-signal, dependencies: [a] }
  - { id: pauses, tool: stumble, parameters: { v: pauses, fails: 9, delay: 90000000 }, dependencies: [a] }
  - id: sub
    tool: pipeline-executor
    dependencies: [asks2]
    parameters:
      pipeline: |
        name: sub
        steps: [{ id: b, tool: keep, parameters: { v: b } }, { id: wait, tool: wait-for-signal, dependencies: [b] }]
  - { id: asks2, tool: wait-for-signal, dependencies: [a] }
  - { id: each, for_each: [1, 2], max_parallel: 2, dependencies: [a], steps: [{ id: slow, tool: hang, parameters: { v: "slow{{ item }}" } }] }
  - { id: last, tool: keep, parameters: { v: last }, dependencies: [sub] }`,
    acts: [
      { on: 'signal-wait asks2', signal: 'asks2', value: 1 },
      { on: 'signal-wait wait', cancel: 'enough' },
    ],
    outcome: { status: 'cancelled', success: false, error_code: 'cancelled', error: 'enough' },
    calls: { a: 1, pauses: 1, b: 1, slow1: 1, slow2: 1 },
  },
  {
    name: 'recorded',
    yaml: `
name: recorded
inputs: { word: w }
steps:
  - { id: a, tool: keep, parameters: { v: a } }
  - { id: b, tool: keep, parameters: { v: "b {{ word }}" } }
  - { id: each, for_each: [1, 2], steps: [{ id: c, tool: keep, parameters: { v: "{{ a.v }}{{ item }}" } }] }
  - { id: d, tool: keep, parameters: { v: "{{ b.v }}-{{ each.results[1].c.v }}" } }
outputs: { o: "{{ d.v }}" }`,
    again: [
      { fork: {}, outcome: { status: 'completed', outputs: { o: 'b w-a2' } } },
      { fork: { at: 'b' }, outcome: { status: 'completed', outputs: { o: 'b w-a2' } } },
      { fork: { set: { word: 'x' } }, outcome: { status: 'completed', outputs: { o: 'b x-a2' } } },
      { reuse: true, outcome: { status: 'completed', outputs: { o: 'b w-a2' } } },
      { from: 'd', outcome: { status: 'completed', outputs: { o: 'b w-a2' } } },
    ],
    outcome: { status: 'completed', success: true, outputs: { o: 'b w-a2' } },
    calls: { a: 1, 'b w': 3, a1: 1, a2: 1, 'b w-a2': 3, 'b x': 1, 'b x-a2': 1 },
  },
]
