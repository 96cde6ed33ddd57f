import type { Case } from '../case.ts'

/** Steps of every effect class, in rows and side by side. */
export const plain: readonly Case[] = [
  {
    name: 'plain',
    yaml: `
name: plain
config: { sign: "!" }
inputs: { word: { type: string, default: w } }
steps:
  - { id: list, tool: look, parameters: { v: "{{ word }}" } }
  - { id: one, tool: keep, parameters: { v: "{{ list.v }}1" } }
  - { id: two, tool: keep, parameters: { v: "{{ one.v }}2" } }
  - { id: three, tool: keep, parameters: { v: "{{ two.v }}3" } }
  - { id: side, tool: keep, parameters: { v: side } }
  - { id: is-long, action: evaluate_condition, parameters: { condition: "{{ three.v | length > 3 }}" } }
  - { id: no, tool: keep, condition: "{{ not is-long.result }}", parameters: { v: never } }
  - { id: said, action: "echo it is {{ three.v }}" }
  - { id: file, tool: look, parameters: { v: made }, produces: text-file, location: plain.txt, format: txt }
outputs: { o: "{{ three.v }}{{ config.sign }}", said: "{{ said.result }}", no: "{{ no.status }}", file: "{{ file.location }}" }`,
    outcome: {
      status: 'completed',
      success: true,
      outputs: { o: 'w123!', said: 'it is w123', no: 'skipped', file: 'plain.txt' },
    },
    calls: { w: 1, w1: 1, w12: 1, w123: 1, side: 1, made: 1 },
  },
  {
    name: 'beside',
    yaml: `
name: beside
steps:
  - { id: before, tool: keep, parameters: { v: before } }
  - { id: known, tool: stumble, parameters: { v: known, fails: 0 }, dependencies: [before] }
  - { id: one, tool: keep, parameters: { v: one }, dependencies: [known] }
  - { id: two, tool: keep, parameters: { v: two }, dependencies: [known] }
  - { id: again, tool: stumble, parameters: { v: again, fails: 1 }, dependencies: [known] }
  - { id: later, tool: stumble, parameters: { v: later, fails: 1, delay: 200000 }, dependencies: [known] }
  - { id: unknown, tool: look, parameters: { v: unknown }, dependencies: [known] }
  - { id: last, tool: keep, parameters: { v: "{{ one.v }} {{ two.v }} {{ again.v }} {{ later.v }} {{ unknown.v }}" } }
outputs: { o: "{{ last.v }}" }`,
    outcome: { status: 'completed', success: true, outputs: { o: 'one two again later unknown' } },
    calls: {
      before: 1,
      known: 1,
      one: 1,
      two: 1,
      again: 1,
      later: 1,
      unknown: 1,
      'one two again later unknown': 1,
    },
    attempts: { again: 2, later: 2 },
  },
  {
    name: 'once',
    yaml: `
name: once
steps:
  - { id: before, tool: keep, parameters: { v: before } }
  - id: post
    tool: post
    parameters: { v: "{{ before.v }}-post" }
    look_up: { tool: debug, parameters: { message: "{{ key }}" }, done: "{{ '' }}" }
  - { id: after, tool: keep, parameters: { v: "{{ post.v }}-after" } }
outputs: { o: "{{ after.v }}" }`,
    outcome: { status: 'completed', success: true, outputs: { o: 'before-post-after' } },
    calls: { before: 1, 'before-post': 1, 'before-post-after': 1 },
    once: {
      label: 'before-post',
      outcome: { status: 'failed', success: false, error_code: 'settled_failed', failed_step: 'post' },
    },
  },
  {
    name: 'files',
    yaml: `
name: files
steps:
  - { id: write, tool: filesystem, action: write, parameters: { path: files.txt, content: one } }
  - { id: read, tool: filesystem, action: read, parameters: { path: "{{ write.path }}" } }
  - { id: run, tool: terminal, action: execute, parameters: { command: echo ok }, effect: idempotent, dependencies: [read] }
outputs: { content: "{{ read.content }}", out: "{{ run.stdout | trim }}" }`,
    outcome: { status: 'completed', success: true, outputs: { content: 'one', out: 'ok' } },
    calls: {},
  },
]
