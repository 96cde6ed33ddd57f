import type { Case } from '../case.ts'

const CUT = { status: 'failed', success: false, error_code: 'settled_failed' } as const

/** One call that must not be repeated, in a row with others. */
const once = (name: string, step: string, outputs: { readonly o: string }): Case => ({
  name,
  yaml: `
name: ${name}
strategy: sequential
priority: low
steps:
  - { id: write, tool: filesystem, action: write, parameters: { path: ${name}/a.txt, content: one } }
  - ${step}
  - { id: after, tool: keep, parameters: { v: after } }
outputs: { o: "{{ it.${outputs.o} }}" }`,
  outcome: { status: 'completed', success: true },
  calls: { after: 1 },
  once: { outcome: { ...CUT, failed_step: 'it' } },
})

/** Every tool that touches the disk: what lies there in the end is what lies there undisturbed. */
export const disk: readonly Case[] = [
  {
    name: 'disk',
    yaml: `
name: disk
strategy: sequential
steps:
  - { id: folder, tool: filesystem, action: mkdir, parameters: { path: disk/deep/er } }
  - { id: write, tool: filesystem, action: write, parameters: { path: disk/a.txt, content: "k,v\\nx,1\\n" } }
  - { id: copy, tool: filesystem, action: copy, parameters: { path: disk/a.txt, destination: disk/deep } }
  - { id: all, tool: filesystem, action: copy, parameters: { path: disk/deep, destination: disk/other } }
  - { id: mode, tool: filesystem, action: chmod, parameters: { path: disk/deep/a.txt, mode: "600" } }
  - { id: list, tool: filesystem, action: list, parameters: { path: disk } }
  - { id: there, tool: filesystem, action: exists, parameters: { path: disk/other/a.txt } }
  - { id: read, tool: filesystem, action: read, parameters: { path: disk/other/a.txt } }
  - { id: over, tool: filesystem, action: write, parameters: { path: disk/b.txt, content: "{{ include_file('disk/a.txt') }}!" } }
  - { id: rows, tool: data-processing, action: filter, parameters: { data: disk/other/a.txt, criteria: { k: x } } }
  - { id: report, tool: report-generator, action: generate, parameters: { title: T, content: "{{ rows.processed_data | length }}", output_path: disk/report.md } }
  - { id: made, tool: report-generator, action: create, parameters: { title: U, content: c, output_path: disk/made.md } }
  - { id: ran, tool: terminal, action: execute, parameters: { command: cp disk/made.md disk/ran.md }, effect: idempotent }
  - { id: valid, tool: validation, action: validate, parameters: { data: { a: 1 }, schema: { required: [b] } } }
  - { id: told, tool: debug, parameters: { message: "{{ valid.valid }}" } }
  - { id: said, tool: echo, parameters: { action: "echo {{ told }}" } }
  - { id: like, tool: validation, action: infer_schema, parameters: { data: { a: 1 } } }
outputs: { o: "{{ list.count }} {{ there.exists }} {{ read.content | length }} {{ valid.valid }} {{ like.data_type }}" }`,
    outcome: { status: 'completed', success: true },
    calls: {},
  },
  once('appended', '{ id: it, tool: filesystem, action: append, parameters: { path: appended/a.txt, content: two } }', {
    o: 'size',
  }),
  once(
    'created',
    '{ id: it, tool: filesystem, action: write, parameters: { path: created/b.txt, content: two, mode: create } }',
    {
      o: 'size',
    },
  ),
  once(
    'moved',
    '{ id: it, tool: filesystem, action: move, parameters: { path: moved/a.txt, destination: moved/b.txt } }',
    {
      o: 'destination',
    },
  ),
  once('deleted', '{ id: it, tool: filesystem, action: delete, parameters: { path: deleted/a.txt } }', { o: 'path' }),
  once('commanded', '{ id: it, tool: terminal, parameters: { command: "cp commanded/a.txt commanded/b.txt" } }', {
    o: 'return_code',
  }),
  {
    // the step that is not repeated is dealt with like any other that failed
    name: 'stood-in',
    yaml: `
name: stood-in
steps:
  - { id: before, tool: keep, parameters: { v: before } }
  - { id: it, tool: post, parameters: { v: "{{ before.v }}-it" }, fallback: [other] }
  - { id: other, tool: keep, parameters: { v: other } }
  - { id: each, for_each: [1, 2], steps: [{ id: one, tool: keep, parameters: { v: "{{ it.v }}{{ item }}" } }] }
outputs: { o: "{{ it.v }}" }`,
    outcome: { status: 'completed', outputs: { o: 'before-it' } },
    calls: { before: 1, 'before-it': 1, 'before-it1': 1, 'before-it2': 1 },
    once: { label: 'before-it', outcome: { status: 'completed', degraded: true, outputs: { o: 'other' } } },
    instead: { other: 1, other1: 1, other2: 1 },
  },
  {
    // a substitute that is not repeated, either
    name: 'stood-in-once',
    yaml: `
name: stood-in-once
steps:
  - { id: it, tool: crumble, parameters: { v: it }, fallback: [other, last] }
  - { id: other, tool: post, parameters: { v: other } }
  - { id: last, tool: keep, parameters: { v: last } }
outputs: { o: "{{ it.v }}" }`,
    outcome: { status: 'completed', degraded: true, outputs: { o: 'other' } },
    calls: { it: 1, other: 1 },
    once: { label: 'other', outcome: { status: 'completed', degraded: true, outputs: { o: 'last' } } },
    instead: { last: 1 },
  },
  {
    name: 'brought-back',
    yaml: `
name: brought-back
strategy: sequential
on_failure: undo
steps:
  - { id: folder, tool: filesystem, action: mkdir, parameters: { path: brought-back/deep } }
  - { id: write, tool: filesystem, action: write, parameters: { path: brought-back/deep/a.txt, content: one } }
  - { id: over, tool: filesystem, action: write, parameters: { path: brought-back/deep/a.txt, content: two } }
  - { id: copy, tool: filesystem, action: copy, parameters: { path: brought-back/deep/a.txt, destination: brought-back/deep/b.txt } }
  - { id: more, tool: filesystem, action: append, parameters: { path: brought-back/deep/a.txt, content: three } }
  - { id: mode, tool: filesystem, action: chmod, parameters: { path: brought-back/deep/b.txt, mode: "600" } }
  - { id: move, tool: filesystem, action: move, parameters: { path: brought-back/deep/b.txt, destination: brought-back/deep/c.txt } }
  - { id: gone, tool: filesystem, action: delete, parameters: { path: brought-back/deep/a.txt } }
  - { id: bad, tool: crumble, parameters: { v: bad } }`,
    outcome: { status: 'failed', success: false, failed_step: 'bad' },
    calls: { bad: 1 },
    once: { outcome: CUT },
  },
]
