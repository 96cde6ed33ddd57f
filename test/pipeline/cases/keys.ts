import { type Case, steps } from './case.ts'

/** Keys at the top of a pipeline. */
const TOP: readonly Case[] = [
  {
    yaml: `
id: top
name: Top
description: "{{ never a template"
version: 1.2.3
type: workflow
metadata: { author: Ann }
inputs: { n: 3 }
parameters: { n: 4 }
context: { who: Ann }
config: { size: 5, default_timeout: 60 }
data: { rows: [1] }
variables: { v: 6 }
model: test/one
strategy: sequential
priority: high
on_failure: fail
steps: [{ id: s, action: debug, parameters: { message: "{{ n }} {{ who }} {{ config.size }} {{ data.rows[0] }} {{ variables.v }}" } }]
outputs: { said: "{{ s }}" }`,
    outputs: { said: '4 Ann 5 1 6' },
  },
  {
    yaml: 'name: x\ntasks: [{ id: a, action: echo hi }]\noutputs: { o: "{{ a }}" }',
    finds: ['deprecated_alias'],
    outputs: { o: 'hi' },
  },
  {
    yaml: `name: x
enhanced_outputs: {}
enhanced_inputs: {}
enhanced_steps: []
advanced_steps: []
error_handling: {}
monitoring: {}
optimization: {}
steps: [{ id: a, action: echo hi }]
outputs: { o: "{{ a }}" }`,
    finds: Array(7).fill('unknown_key'),
    outputs: { o: 'hi' },
  },
  {
    yaml: `name: x
global_error_handlers: [{ error_types: [NotFoundError], fallback_value: other }]
steps: [{ id: a, tool: filesystem, action: read, parameters: { path: none.txt } }]
outputs: { o: "{{ a }}" }`,
    outputs: { o: 'other' },
  },
]

/** Keys of inputs and of their rules. */
const one = (declaration: string) => `name: x
inputs: { v: ${declaration} }
steps: [{ id: a, action: debug, parameters: { message: "{{ v }}" } }]
outputs: { o: "{{ v }}" }`
const INPUTS: readonly Case[] = [
  { yaml: one('{ type: integer, description: how many, example: 7, default: 2 }'), outputs: { o: 2 } },
  { yaml: one('{ type: integer, required: true }'), inputs: { v: '8' }, outputs: { o: 8 } },
  { yaml: one('{ type: integer, required: true }'), refuses: 'input_required' },
  { yaml: one('{ type: integer, default: 2 }'), inputs: { v: 'two' }, refuses: 'input_type' },
  { yaml: one('{ type: integer, default: 2 }'), inputs: { w: 1 }, refuses: 'input_unknown' },
  { yaml: one('{ type: string, choices: [a, b], default: a }'), inputs: { v: 'c' }, refuses: 'input_choice' },
  { yaml: one('{ type: string, enum: [a, b], default: a }'), inputs: { v: 'b' }, outputs: { o: 'b' } },
  { yaml: one('{ type: number, range: [0, 1], default: 1 }'), inputs: { v: 2 }, refuses: 'input_choice' },
  {
    yaml: one('{ type: string, default: ab, validation: { min_length: 2, max_length: 3, pattern: "^a" } }'),
    inputs: { v: 'abcd' },
    refuses: 'input_choice',
  },
  {
    yaml: one('{ type: number, default: 1, validation: { min: 1, max: 3, allowed_values: [1, 2] } }'),
    inputs: { v: 2 },
    outputs: { o: 2 },
  },
  {
    yaml: 'name: x\ninputs: [{ name: v, type: string, default: z }]\nsteps: [{ id: a, action: "echo {{ v }}" }]\noutputs: { o: "{{ a }}" }',
    outputs: { o: 'z' },
  },
]

/** Keys of steps that say what is done, when, and what for. */
const STEPS: readonly Case[] = [
  {
    yaml: steps(
      `
  - id: a
    name: first
    description: of two
    metadata: { cost: low }
    action: debug
    inputs: { message: one }
    outputs: { text: string }
    effect: pure
  - id: b
    dependencies: [a]
    depends_on: a
    condition: "{{ n > 2 }}"
    action: echo two
  - id: c
    if: "n > 5"
    action: echo three`,
      '{ o: "{{ a }} {{ b }} {{ c.status }}" }',
    ),
    outputs: { o: 'one two skipped' },
  },
  // the cases run without agents
  {
    yaml: steps('\n  - { id: a, action: generate, parameters: { prompt: Go. }, tools: [Read, filesystem:list] }'),
    ...{ fails: 'not_supported', outputs: {} },
  },
  {
    yaml: steps(
      `
  - id: a
    tool: debug
    parameters: { message: "# Hello" }
    location: out.md
    produces: markdown-file
    format: markdown
    schema: { type: string }
    size_limit: 10KB
    output_description: what is said
  - { id: b, tool: debug, parameters: { message: 1 }, location: b.json, produces: json-data, output_schema: {} }`,
      '{ o: "{{ a.location | basename }}" }',
    ),
    outputs: { o: 'out.md' },
  },
  {
    yaml: steps(
      `
  - { id: a, action: echo hi, error_handling: {}, tool_config: {} }`,
      '{ o: "{{ a }}" }',
    ),
    finds: ['unknown_key', 'unknown_key'],
    outputs: { o: 'hi' },
  },
  {
    yaml: steps(
      `
  - id: a
    action: generate
    parameters: { prompt: Go }
    requires_model:
      min_size: 1B
      max_size: 100B
      expertise: high
      capabilities: [text]
      modalities: [text]
      context: 8k
      offline: true
      max_latency_ms: 1000
      min_tokens_per_second: 1
      min_accuracy_score: 0.5
      cost_limit: 1
      budget_period: per-task
      preferred: [one]
      excluded: [two]
      fallback_strategy: cheapest
  - { id: b, action: generate, parameters: { prompt: Go }, requires-model: none }
  - { id: c, action: generate, parameters: { prompt: Go }, cache: { ttl: 60, tags: [x, "{{ b }}"] }, requires_model: "text, free, otherwise cheapest" }
  - { id: d, action: generate, parameters: { prompt: Go }, requires_model: [text, json, otherwise cheapest] }`,
      '{ o: "{{ a }} {{ b }} {{ c }} {{ d }}" }',
    ),
    says: 'fine',
    outputs: { o: 'fine fine fine fine' },
  },
]

/** Keys of loops. */
const LOOPS: readonly Case[] = [
  {
    yaml: steps(
      `
  - id: each
    for_each: "{{ xs }}"
    max_parallel: 2
    loop_var: $letter
    loop_name: letters
    add_completion_task: true
    steps: [{ id: it, action: "echo {{ letter }}{{ $letters.index }}" }]`,
      '{ o: "{{ each.results | map(attribute=\'it\') | join }}" }',
    ),
    outputs: { o: 'a0, b1' },
  },
  {
    yaml: steps(
      `
  - { id: f, foreach: "{{ xs }}", parallel: true, max_concurrent: 2, action: "echo {{ item }}" }
  - { id: g, type: parallel_map, items: [1, 2], action: "echo {{ item }}" }`,
      '{ o: "{{ f.results | join }} {{ g.results | length }}" }',
    ),
    outputs: { o: 'a, b 2' },
  },
  {
    yaml: steps(
      `
  - { id: w, while: "iteration < 5", until: "{{ iteration >= 2 }}", max_iterations: 9, steps: [{ id: t, action: echo t }] }`,
      '{ o: "{{ w.iterations }}" }',
    ),
    outputs: { o: 2 },
  },
  {
    yaml: steps(
      `
  - id: l
    action_loop: [{ name: t, action: echo t }]
    while_condition: "iteration < 2"
    max_iterations: 9
    break_on_error: true
    iteration_timeout: 60`,
      '{ o: "{{ l.iterations_completed }} {{ l.terminated_by }}" }',
    ),
    outputs: { o: '2 condition' },
  },
  {
    yaml: steps(
      `
  - id: q
    create_parallel_queue:
      on: "{{ xs }}"
      max_parallel: 2
      tool: debug
      action_loop: [{ name: t, parameters: { message: "{{ item }}" } }]
      until: "true"
      max_iterations: 3
      iteration_timeout: 60
  - id: r
    create_parallel_queue:
      true: [1]
      task: { action_loop: [{ name: t, action: echo t }], while: "iteration < 1" }
  - id: s
    create_parallel_queue: { on: [1], action_loop: [{ name: t, action: echo t }], while_condition: "iteration < 1" }`,
      '{ o: "{{ q.total_items }} {{ r.successful_items }} {{ s.failed_items }}" }',
    ),
    outputs: { o: '2 1 0' },
  },
]

/** Keys that say what becomes of a step that failed, or ended otherwise. */
const broken = (more: string) => `
  - { id: a, tool: filesystem, action: read, parameters: { path: none.txt }, ${more} }`
const ENDS: readonly Case[] = [
  { yaml: steps(broken('on_failure: continue'), '{ o: "{{ a.status }}" }'), outputs: { o: 'failed' } },
  { yaml: steps(broken('continue_on_error: true'), '{ o: "{{ a.status }}" }'), outputs: { o: 'failed' } },
  {
    yaml: steps(
      `${broken('on_failure: skip')}\n  - { id: b, action: echo b, dependencies: [a] }`,
      '{ o: "{{ b.status }}" }',
    ),
    outputs: { o: 'skipped' },
  },
  { yaml: steps(broken('on_failure: retry'), '{ o: "{{ a.status }}" }'), outputs: { o: 'failed' } },
  { yaml: steps(broken('on_failure: undo')), fails: 'not_found' },
  { yaml: steps(broken('retry: 1, timeout: 60')), fails: 'not_found' },
  { yaml: steps(broken('max_retries: 2')), finds: ['deprecated_alias'], fails: 'not_found' },
  { yaml: steps(broken('on_truncated: fail')), fails: 'not_found' },
  { yaml: steps(broken('on_truncated: continue')), fails: 'not_found' },
  { yaml: steps(broken('on_truncated: keep')), fails: 'not_found' },
  { yaml: steps(broken('on_truncated: drop')), finds: ['bad_value'] },
  { yaml: steps(broken('promptCache: 1h')), fails: 'not_found' },
  { yaml: steps(broken('promptCache: 2h')), finds: ['bad_value'] },
  {
    yaml: steps(
      broken(
        'effect: at-most-once, look_up: { tool: debug, parameters: { message: "{{ key }}" }, done: "{{ result }}" }',
      ),
    ),
    fails: 'not_found',
  },
  { yaml: steps(broken('priority: critical')), fails: 'not_found' },
  { yaml: steps(broken('priority: high')), fails: 'not_found' },
  { yaml: steps(broken('priority: normal')), fails: 'not_found' },
  { yaml: steps(broken('priority: low')), fails: 'not_found' },
  { yaml: steps(broken('priority: urgent')), finds: ['bad_value'] },
  { yaml: steps(broken('patience: 10m')), fails: 'not_found' },
  { yaml: steps(broken('patience: 0')), fails: 'not_found' },
  { yaml: steps(broken('patience: soon')), finds: ['bad_value'] },
  { yaml: steps(broken('patience: 8d')), finds: ['bad_value'] },
  {
    yaml: steps(
      broken('retry_config: { max_retries: 2, initial_delay: 0.01, backoff_factor: 2, max_delay: 1, jitter: false }'),
    ),
    finds: ['deprecated_alias'],
    fails: 'not_found',
  },
  {
    yaml: steps(`${broken('fallback: [b]')}\n  - { id: b, action: echo b }`, '{ o: "{{ a }}" }'),
    outputs: { o: 'b' },
  },
  {
    yaml: steps(
      `
  - { id: a, action: echo a, goto: c }
  - { id: b, action: echo b, dependencies: [a] }
  - { id: c, action: echo c, on_success: e }
  - { id: d, action: echo d, dependencies: [c] }
  - { id: e, action: echo e, if: "false", on_false: g }
  - { id: f, action: echo f, dependencies: [e] }
  - { id: g, action: echo g, if: "false", else: i }
  - { id: h, action: echo h, dependencies: [g] }
  - { id: i, action: echo i }`,
      '{ o: "{{ b.status }} {{ d.status }} {{ f.status }} {{ h.status }} {{ i }}" }',
    ),
    outputs: { o: 'skipped skipped skipped skipped i' },
  },
  {
    yaml: steps(
      `
  - id: a
    tool: filesystem
    action: read
    parameters: { path: none.txt }
    on_error:
      - handler_task_id: mend
        error_types: [NotFoundError]
        error_patterns: [none]
        error_codes: [not_found]
        priority: 1
        enabled: true
        retry_with_handler: false
        max_handler_retries: 1
        propagate_error: false
        continue_on_handler_failure: true
        fallback_value: mended
        capture_error_context: true
        log_level: info
        timeout: 60
      - { handler_action: note it, fallback_result: other }
  - { id: mend, action: echo mended }
  - { id: b, tool: filesystem, action: read, parameters: { path: none.txt }, on-error: { fallback_value: 2 } }
  - { id: c, tool: filesystem, action: read, parameters: { path: none.txt }, error_handlers: [{ fallback_value: 3 }] }`,
      '{ o: "{{ a }} {{ b }} {{ c }}" }',
    ),
    outputs: { o: 'mended 2 3' },
  },
]

/** Every key of the language at work. */
export const KEYS: readonly Case[] = [...TOP, ...INPUTS, ...STEPS, ...LOOPS, ...ENDS]
