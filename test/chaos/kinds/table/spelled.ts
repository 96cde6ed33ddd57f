import type { Case } from '../case.ts'

/** What else the language has: older spellings, handlers for all steps, models by need, tools that come later. */
export const spelled: readonly Case[] = [
  {
    name: 'spelled',
    yaml: `
id: spelled
name: spelled
version: 1.2.3
context: { x: 1 }
data: { y: 2 }
variables: { z: 3 }
parameters: { word: { type: string, default: w } }
tasks:
  - { id: a, tool: keep, inputs: { of: spelled, v: "{{ word }}{{ x }}{{ data.y }}{{ variables.z }}" }, depends_on: [], on_success: c }
  - { id: b, tool: keep, parameters: { v: b }, dependencies: [a] }
  - { id: c, tool: crumble, parameters: { v: c }, continue_on_error: true, on-error: [{ handler_task_id: mend, retry_with_handler: false, fallback_result: r, enabled: true }] }
  - { id: mend, tool: keep, parameters: { v: mend } }
  - { id: d, tool: keep, parameters: { v: d }, condition: "{{ word == 'v' }}", on_false: f, depends_on: [c] }
  - { id: e, tool: keep, parameters: { v: e }, dependencies: [d] }
  - { id: f, tool: keep, parameters: { v: f } }
  - { id: g, foreach: [1, 2], parallel: true, max_concurrent: 2, loop_var: one, tool: keep, parameters: { v: "g{{ one }}" } }
  - { id: h, for_each: [1], loop_name: outer, steps: [{ id: hh, tool: crumble, parameters: { v: "h{{ $outer.item }}" }, error_handlers: [{ handler_action: It happens, retry_with_handler: false }] }], on_failure: continue }
  - { id: i, while: "{{ iteration < 1 }}", steps: [{ id: ii, action: "echo i" }] }
  - { id: j, action_loop: [{ name: k, tool: crumble, parameters: { v: "k{{ iteration }}" } }], until: "{{ iteration > 3 }}", break_on_error: true, on_failure: continue }
  - { id: l, tool: keep, parameters: { v: l }, on_failure: fail, max_retries: 99, produces: text-file, location: spelled.txt, size_limit: 1KB }
outputs: { o: "{{ a.v }} {{ b.status }} {{ c.status }} {{ f.v }}" }`,
    outcome: { status: 'completed', success: false, degraded: true, outputs: { o: 'w123 skipped completed f' } },
    calls: { w123: 1, c: 1, mend: 1, f: 1, g1: 1, g2: 1, h1: 1, k0: 1, l: 1 },
    attempts: { l: 1 },
  },
  {
    name: 'lined-up',
    yaml: `
name: lined-up
steps:
  - id: bare
    create_parallel_queue:
      true: [p, q]
      tool: keep
      task:
        action_loop: [{ name: do, parameters: { v: "{{ item }}{{ iteration }}" } }]
        while_condition: "{{ iteration < 2 }}"
        max_iterations: 3
  - id: late
    create_parallel_queue:
      on: [r, s]
      max_parallel: 2
      iteration_timeout: 0.03
      action_loop: [{ name: wait, tool: hang, parameters: { v: "{{ item }}" } }]
      while: "true"
    on_failure: continue
outputs: { o: "{{ bare.successful_items }} {{ late.status }}" }`,
    outcome: { status: 'completed' },
    calls: { p0: 1, p1: 1, q0: 1, q1: 1, r: 1, s: 1 },
  },
  {
    name: 'handled',
    yaml: `
name: handled
global_error_handlers:
  - { handler_task_id: told, error_patterns: [broken], max_handler_retries: 1, retry_with_handler: true }
  - { handler_action: It happens, priority: 200, propagate_error: true }
steps:
  - { id: a, tool: mendable, parameters: { v: a } }
  - { id: b, tool: crumble, parameters: { v: b }, on_failure: continue, dependencies: [a] }
  - { id: told, tool: keep, parameters: { v: "told {{ error.failed_task_id }}" } }
  - { id: each, for_each: [1, 2], on_failure: continue, dependencies: [b], steps: [{ id: c, tool: crumble, parameters: { v: "c{{ item }}" } }] }
outputs: { o: "{{ a.v }} {{ b.status }} {{ each.status }}" }`,
    outcome: { status: 'completed', success: false, outputs: { o: 'a failed failed' } },
    calls: { a: 2, 'told a': 1, b: 1, c1: 1 },
  },
  {
    name: 'needed',
    yaml: `
name: needed
steps:
  - { id: frail, action: generate, parameters: { prompt: "[frail]" }, requires-model: { capabilities: [frailty], preferred: [lab/broken], fallback_strategy: best_available } }
  - { id: word, tool: keep, parameters: { v: "{{ frail.result }}" } }
outputs: { o: "{{ word.v }}" }`,
    outcome: { status: 'completed', degraded: true, outputs: { o: 'the frail' } },
    calls: { 'the frail': 1 },
    billed: { 'frail broken': 1, 'frail small': 1 },
  },
  {
    name: 'later',
    yaml: `
name: later
steps:
  - { id: picture, tool: mcp-resource, action: subscribe, parameters: { server_name: s, uri: u }, fallback: [words] }
  - { id: words, tool: keep, parameters: { v: a dot } }
  - { id: page, tool: web-search, parameters: { query: dots }, on_failure: continue }
  - { id: last, tool: keep, parameters: { v: "{{ picture.v }} {{ page.status }}" } }
outputs: { o: "{{ last.v }}" }`,
    outcome: { status: 'completed', success: false, degraded: true, outputs: { o: 'a dot failed' } },
    calls: { 'a dot': 1, 'a dot failed': 1 },
  },
]
