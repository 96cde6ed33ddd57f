import { type Case, steps } from './case.ts'

const say = (text: string) => steps(`\n  - { id: a, action: debug, parameters: { message: ${text} } }`)
const hello = { 'hello.md': 'hello' }

/** What the compiler says that needs more than a text, and what only a run can say. */
export const DIAGNOSTICS_AT_WORK: readonly Case[] = [
  {
    yaml: steps('\n  - { id: a, action: echo a }\n  - { id: b, action: "echo {{ a }}" }'),
    finds: ['implicit_dependency'],
  },
  {
    yaml: steps(`
  - { id: a, tool: filesystem, action: exists, parameters: { path: p } }
  - { id: b, action: "echo {{ a.exist }}" }`),
    finds: ['undefined_step_field', 'implicit_dependency'],
  },
  {
    yaml: steps(`
  - { id: a, tool: open }
  - { id: b, action: "echo {{ a.txt }}" }`),
    finds: ['undeclared_output_field', 'implicit_dependency'],
  },
  {
    yaml: steps(`
  - { id: a, action: echo a }
  - { id: b, action: echo b, condition: "{{ a.status == 'success' }}" }`),
    finds: ['unknown_status', 'implicit_dependency'],
  },
  {
    yaml: steps(`\n  - { id: a, action: echo a, condition: "n == '3'" }`),
    finds: ['never_met'],
  },
  {
    yaml: steps(`
  - { id: a, action: echo a, condition: "{{ n > 3 }}" }
  - { id: b, action: "echo {{ a.text }}" }`),
    finds: ['may_be_skipped', 'implicit_dependency'],
  },
  { yaml: say('"{{ now() }}"'), finds: ['deprecated_now'] },
  { yaml: say('"{{ file_exists() }}"'), finds: ['global_wrong_arity'] },
  {
    yaml: steps('\n  - { id: a, action: generate, parameters: { prompt: Go, model: test/none } }'),
    finds: ['unresolvable_model'],
  },
  {
    yaml: steps('\n  - { id: a, foreach: [1], action: generate, parameters: { prompt: Go, model: test/none } }'),
    finds: ['unresolvable_model'],
  },
  {
    yaml: steps(`
  - id: a
    for_each: [1]
    steps:
      - { id: b, for_each: [1], steps: [{ id: c, action: generate, parameters: { prompt: Go, model: test/none } }] }`),
    finds: ['unresolvable_model'],
  },
  {
    yaml: steps('\n  - { id: a, action: echo a }', '{ o: "{{ outputs.p }}", p: "{{ outputs.o }}" }'),
    finds: ['output_cycle'],
  },

  { yaml: say('"{{ file:hello.md }}"'), files: hello },
  { yaml: say('"{{ file:none.md }}"'), finds: ['include_missing'] },
  { yaml: say('"{{ file:../../../etc/hosts.md }}"'), finds: ['include_escape'] },
  {
    yaml: say('"{{ file:a.md }}"'),
    files: { 'a.md': '{{ file:b.md }}', 'b.md': '{{ file:a.md }}' },
    finds: ['include_cycle'],
  },
  {
    yaml: say('"{{ file:0.md }}"'),
    files: Object.fromEntries(Array.from({ length: 12 }, (_, n) => [`${n}.md`, `{{ file:${n + 1}.md }}`])),
    finds: ['include_depth'],
  },
  {
    yaml: say('"{{ file:huge.md }}"'),
    files: { 'huge.md': 'x'.repeat(11 * 1024 * 1024) },
    finds: ['include_too_large'],
  },
  { yaml: '', file: 'none.yaml', finds: ['file_unreadable'] },
  { yaml: `# ${'x'.repeat(1024 * 1024)}`, finds: ['too_large'] },

  {
    yaml: steps(`
  - { id: a, tool: say, parameters: { v: 1 } }
  - { id: b, action: "echo {{ a.w }}" }`),
    fails: 'unresolved_template',
  },
  { yaml: say('"{{ \'three\' | int }}"'), fails: 'template_failed' },
  { yaml: say('"{{ range(1000000) | length }}"'), fails: 'template_limit' },
  {
    yaml: steps(
      '\n  - { id: a, tool: terminal, action: execute, parameters: { command: sleep 9 }, timeout: 0.05, retry: 0 }',
    ),
    fails: 'timeout',
  },
  { yaml: steps('\n  - { id: a, tool: fail }'), fails: 'tool_error' },
  { yaml: steps('\n  - { id: a, for_each: "{{ n }}", action: echo a }'), fails: 'loop_list' },
  { yaml: say('<AUTO type="integer" min="1" max="9">how many</AUTO>'), says: 'many', fails: 'auto_invalid' },
  {
    yaml: steps('\n  - { id: a, action: generate, parameters: { prompt: Go }, requires_model: { min_size: 900B } }'),
    fails: 'no_eligible_model',
  },
  {
    yaml: steps('\n  - { id: a, tool: fail }\n  - { id: b, action: echo b, dependencies: [a] }'),
    fails: 'tool_error',
    skips: 'aborted',
  },
  {
    yaml: steps('\n  - { id: a, tool: say, parameters: { v: 1 } }', '{ o: "{{ a.w }}" }'),
    outputs: { o: null },
    warns: 'output_unresolved',
  },
]
