import type { Case } from '../case.ts'

const times = (labels: string) => Object.fromEntries(labels.split(' ').map((label) => [label, 1]))

/** Every kind of loop, alone and within others, and what ends it. */
export const loops: readonly Case[] = [
  {
    name: 'lists',
    yaml: `
name: lists
steps:
  - id: outer
    for_each: [a, b]
    max_parallel: 2
    steps:
      - id: inner
        for_each: [1, 2]
        steps:
          - { id: cell, tool: keep, parameters: { v: "{{ $outer.item }}{{ item }}" } }
      - { id: row, tool: keep, parameters: { v: "row {{ inner.results[-1].cell.v }}" } }
  - { id: map, foreach: [x, y, z], parallel: true, if: "{{ item != 'y' }}", tool: keep, parameters: { v: "{{ item }}" } }
  - { id: old, type: parallel_map, items: [p, q], tool: keep, parameters: { v: "{{ item }}" } }
  - { id: nothing, for_each: [], steps: [{ id: no, tool: keep, parameters: { v: no } }] }
outputs: { rows: "{{ outer.results[1].row.v }}", map: "{{ map.succeeded }}", nothing: "{{ nothing.iterations }}" }`,
    outcome: { status: 'completed', success: true, outputs: { rows: 'row b2', map: 2, nothing: 0 } },
    calls: { ...times('a1 a2 b1 b2 x z p q'), 'row a2': 1, 'row b2': 1 },
  },
  {
    name: 'turns',
    yaml: `
name: turns
steps:
  - id: as-long
    while: "{{ iteration < 3 }}"
    steps:
      - { id: add, tool: keep, parameters: { v: "{{ prev_add.v | default('w') }}{{ iteration }}" } }
  - id: up-to
    until: "{{ say.v == 'u1' }}"
    max_iterations: 5
    steps:
      - { id: say, tool: keep, parameters: { v: "u{{ iteration }}" } }
  - id: most
    while: "true"
    max_iterations: "{{ 2 }}"
    steps:
      - { id: turn, tool: keep, parameters: { v: "m{{ iteration }}" } }
outputs: { o: "{{ as-long.results[-1].add.v }} {{ up-to.iteration_count }} {{ most.terminated_by }}" }`,
    outcome: { status: 'completed', success: true, outputs: { o: 'w012 2 max_iterations' } },
    calls: times('w0 w01 w012 u0 u1 m0 m1'),
  },
  {
    name: 'actions',
    yaml: `
name: actions
steps:
  - id: do
    action_loop:
      - { name: one, tool: keep, parameters: { v: "a{{ iteration }}" } }
      - { name: two, tool: keep, parameters: { v: "{{ one.v }}!" } }
    until: "{{ two.v == 'a1!' }}"
  - id: as-long
    action_loop: [{ name: three, tool: crumble, parameters: { v: "c{{ iteration }}" } }]
    while_condition: "{{ iteration < 2 }}"
  - id: short
    action_loop: [{ name: four, tool: hang, parameters: { v: slow } }]
    iteration_timeout: 0.03
    on_failure: continue
    while_condition: "true"
outputs: { o: "{{ do.final_results.two.v }} {{ as-long.iterations_completed }} {{ short.terminated_by }}" }`,
    outcome: { status: 'completed', success: false, outputs: { o: 'a1! 2 timeout' } },
    calls: { ...times('a0 a0! a1 a1! c0 c1 slow') },
  },
  {
    name: 'queues',
    yaml: `
name: queues
steps:
  - id: each
    create_parallel_queue:
      on: [p, q, r]
      max_parallel: 2
      action_loop:
        - { name: do, tool: keep, parameters: { v: "{{ item }}{{ iteration }}" } }
      until: "{{ do.v == item ~ '1' }}"
  - id: some
    create_parallel_queue:
      on: [s, t]
      action_loop:
        - { name: first, tool: crumble, if: "{{ item == 's' }}", parameters: { v: "{{ item }}" } }
        - { name: second, tool: keep, parameters: { v: "{{ item }}2" } }
outputs: { o: "{{ each.results[2].result.final_results.do.v }} {{ each.successful_items }} {{ some.failed_items }}" }`,
    outcome: { status: 'completed', outputs: { o: 'r1 3 1' } },
    calls: times('p0 p1 q0 q1 r0 r1 s t2'),
  },
  {
    name: 'broken',
    yaml: `
name: broken
steps:
  - id: goes-on
    for_each: [1, 2]
    steps:
      - { id: bad, tool: crumble, parameters: { v: "b{{ item }}" }, on_failure: continue }
      - { id: then, tool: keep, parameters: { v: "t{{ item }}" }, dependencies: [bad] }
  - id: stops
    for_each: [1, 2]
    on_failure: continue
    dependencies: [goes-on]
    steps:
      - { id: out, tool: crumble, parameters: { v: "o{{ item }}" } }
  - id: ends
    while: "true"
    dependencies: [stops]
    steps:
      - { id: end, tool: crumble, parameters: { v: end } }
  - { id: rest, tool: keep, parameters: { v: rest }, dependencies: [ends] }`,
    outcome: { status: 'failed', success: false, error_code: 'tool_error', failed_step: 'ends_0_end' },
    calls: times('b1 t1 b2 t2 o1 end'),
  },
]
