import type { Case } from '../case.ts'

const LATE = { status: 'completed', success: true } as const

/** Attempts, pauses and time limits; routes, fallbacks and handlers. */
export const failure: readonly Case[] = [
  {
    name: 'retries',
    yaml: `
name: retries
steps:
  - { id: again, tool: stumble, parameters: { v: again, fails: 2 } }
  - { id: told, tool: report, parameters: { v: told, fails: 1 }, retry: 99, retry_config: { initial_delay: 0.001, jitter: false } }
  - { id: never, tool: crumble, parameters: { v: never }, on_failure: continue }
  - { id: gone, tool: crumble, parameters: { v: gone }, on_failure: skip }
  - { id: waits, tool: keep, parameters: { v: waits }, dependencies: [gone] }
outputs: { o: "{{ again.v }} {{ told.v }} {{ never.status }} {{ waits.status }}" }`,
    outcome: { status: 'completed', success: false, outputs: { o: 'again told failed skipped' } },
    calls: { again: 1, told: 1, never: 1, gone: 1 },
    attempts: { again: 3, told: 2 },
  },
  {
    // whatever is killed, the work of a step that sets its attempts is started so often at most
    name: 'counted',
    yaml: `
name: counted
steps:
  - { id: single, tool: keep, parameters: { v: single }, retry: 0, on_failure: continue }
  - { id: twice, tool: stumble, parameters: { v: twice, fails: 1 }, retry: 1, on_failure: continue, dependencies: [single] }
  - { id: stubborn, tool: report, parameters: { v: stubborn, fails: 99 }, on_failure: retry, retry_config: { initial_delay: 0.001, max_retries: 2 } }
  - { id: fails, tool: crumble, parameters: { v: fails }, on_failure: continue }
  - { id: after, tool: keep, parameters: { v: after }, dependencies: [twice, stubborn] }
outputs: { o: "{{ after.v }}" }`,
    outcome: { status: 'completed', success: false, outputs: { o: 'after' } },
    calls: { single: 1, twice: 1, stubborn: 1, fails: 1, after: 1 },
    limits: { single: 1, twice: 2, stubborn: 2 },
  },
  {
    name: 'pauses',
    yaml: `
name: pauses
steps:
  - { id: before, tool: keep, parameters: { v: before } }
  - { id: told, tool: stumble, parameters: { v: told, fails: 2, delay: 200000 }, dependencies: [before] }
  - { id: own, tool: report, parameters: { v: own, fails: 1 }, retry: 99, retry_config: { initial_delay: 300 } }
  - { id: after, tool: keep, parameters: { v: after }, dependencies: [told, own] }
outputs: { o: "{{ told.v }}{{ own.v }}" }`,
    outcome: { ...LATE, outputs: { o: 'toldown' } },
    calls: { before: 1, told: 1, own: 1, after: 1 },
    attempts: { told: 3, own: 2 },
  },
  {
    name: 'limits',
    timed: true,
    yaml: `
name: limits
steps:
  - { id: slow, tool: hang, parameters: { v: slow }, timeout: 0.02, patience: 1m, priority: high, on_failure: continue }
  - { id: asked, tool: wait-for-signal, parameters: { signal: nobody, timeout: 60, default: none }, dependencies: [slow] }
  - { id: gate, tool: approval-gate, parameters: { title: Nobody, timeout: 60 }, dependencies: [slow], on_failure: continue }
  - { id: own, tool: user-prompt, parameters: { prompt: Nobody, context: api }, timeout: 60, dependencies: [slow], on_failure: continue }
  - id: below
    tool: pipeline-executor
    on_failure: continue
    parameters:
      timeout: 300
      pipeline: |
        name: late
        steps: [{ id: wait, tool: wait-for-signal }]
outputs: { o: "{{ slow.status }} {{ asked.value }} {{ asked.timed_out }} {{ gate.status }} {{ own.status }} {{ below.status }}" }`,
    outcome: { status: 'completed', success: false, outputs: { o: 'failed none true failed failed failed' } },
    calls: { slow: 1 },
    attempts: { slow: 3 },
  },
  {
    name: 'routes',
    yaml: `
name: routes
steps:
  - { id: a, tool: keep, parameters: { v: a }, goto: c }
  - { id: b, tool: keep, parameters: { v: b }, dependencies: [a] }
  - { id: c, tool: crumble, parameters: { v: c }, on_failure: e }
  - { id: d, tool: keep, parameters: { v: d }, dependencies: [c] }
  - { id: e, tool: keep, parameters: { v: "e {{ error.failed_task_id }}" } }
  - { id: f, tool: keep, parameters: { v: f }, if: "false", else: h, dependencies: [e] }
  - { id: g, tool: keep, parameters: { v: g }, dependencies: [f] }
  - { id: h, tool: keep, parameters: { v: h } }
  - { id: i, tool: keep, parameters: { v: i }, on_failure: k, dependencies: [h] }
  - { id: j, tool: keep, parameters: { v: j }, dependencies: [i] }
  - { id: k, tool: keep, parameters: { v: k } }
outputs: { o: "{{ e.v }} {{ b.status }} {{ k.status }}" }`,
    outcome: { status: 'completed', success: false, outputs: { o: 'e c skipped skipped' } },
    calls: { a: 1, c: 1, 'e c': 1, h: 1, i: 1, j: 1 },
  },
  {
    name: 'rescues',
    yaml: `
name: rescues
steps:
  - { id: ask, tool: crumble, parameters: { v: ask }, fallback: [worse, better] }
  - { id: worse, tool: crumble, parameters: { v: worse } }
  - { id: better, tool: keep, parameters: { v: better } }
  - id: mended
    tool: mendable
    parameters: { v: mended }
    on_error: { handler_task_id: mend, max_handler_retries: 2, capture_error_context: true, timeout: 5 }
  - { id: mend, tool: keep, parameters: { v: "mend {{ error.failed_task_id }}" } }
  - id: valued
    tool: crumble
    parameters: { v: valued }
    on_error:
      - { handler_task_id: broken, priority: 1, error_types: [TimeoutError] }
      - { handler_task_id: broken, priority: 2, error_codes: [tool_error], continue_on_handler_failure: true, retry_with_handler: false, fallback_value: "v {{ error.error_type }}", log_level: warning }
  - { id: broken, tool: crumble, parameters: { v: broken } }
  - id: noted
    tool: crumble
    parameters: { v: noted }
    on_error: { handler_action: It happens, error_patterns: ["always"], retry_with_handler: false }
  - id: told
    tool: crumble
    parameters: { v: told }
    on_failure: continue
    on_error: { handler_action: echo it failed, propagate_error: true, retry_with_handler: false }
  - id: looped
    for_each: [1, 2]
    on_error: { handler_task_id: tidy, retry_with_handler: false, fallback_value: none }
    steps: [{ id: fall, tool: crumble, parameters: { v: "l{{ item }}" } }]
  - { id: tidy, tool: keep, parameters: { v: "tidy {{ error.failed_task_id }}" } }
outputs: { o: "{{ ask.v }} {{ mended.v }} {{ valued.result }} {{ noted.status }} {{ told.status }} {{ looped.result }}" }`,
    outcome: {
      status: 'completed',
      success: false,
      degraded: true,
      outputs: { o: 'better mended v ToolError failed failed none' },
    },
    calls: {
      ask: 1,
      worse: 1,
      better: 1,
      mended: 2,
      'mend mended': 1,
      valued: 1,
      broken: 1,
      noted: 1,
      told: 1,
      l1: 1,
      'tidy looped': 1,
    },
  },
]
