import type { Case } from '../case.ts'

/** Questions to people, to other runs, to what outlasts a step, and to the chain. */
export const asking: readonly Case[] = [
  {
    name: 'people',
    yaml: `
name: people
steps:
  - { id: start, tool: keep, parameters: { v: begun } }
  - { id: colour, tool: user-prompt, parameters: { prompt: Which?, input_type: choice, choices: [red, blue], context: api }, dependencies: [start] }
  - { id: gate, tool: approval-gate, parameters: { title: Is it?, content: "in {{ colour.value }}", require_reason: true } }
  - { id: views, tool: feedback-collection, parameters: { questions: [{ id: q, type: rating, text: How? }], save_to_file: people/views.json } }
  - { id: early, tool: wait-for-signal, parameters: { signal: paid }, dependencies: [gate] }
  - { id: two, for_each: [1, 2], max_parallel: 2, steps: [{ id: ok, tool: wait-for-signal, parameters: { signal: ok } }] }
  - { id: last, tool: keep, parameters: { v: "{{ colour.value }} {{ gate.reason }} {{ views.responses.q }} {{ early.value }}" } }
outputs: { o: "{{ last.v }}", two: "{{ two.results[0].ok.value + two.results[1].ok.value }}" }`,
    acts: [
      { on: 'run-start', signal: 'paid', value: 7 },
      { on: 'signal-wait colour', signal: 'colour', value: 'blue' },
      { on: 'signal-wait gate', signal: 'gate', value: { action: 'approve', reason: 'fine' } },
      { on: 'signal-wait views', signal: 'views', value: { q: 4 } },
      { on: 'signal-wait two_0_ok', signal: 'ok', value: 1 },
      { on: 'signal-wait two_1_ok', signal: 'ok', value: 1 },
    ],
    outcome: { status: 'completed', success: true, outputs: { o: 'blue fine 4 7', two: 2 } },
    calls: { begun: 1, 'blue fine 4 7': 1 },
    asked: { ok: 2, paid: 0 },
  },
  {
    name: 'corrected',
    yaml: `
name: corrected
steps:
  - { id: colour, tool: user-prompt, parameters: { prompt: Which?, choices: [red, blue], context: api } }
  - { id: last, tool: keep, parameters: { v: "{{ colour.value }}" } }
outputs: { o: "{{ last.v }}" }`,
    acts: [
      { on: 'signal-wait colour', signal: 'colour', value: 'green' },
      { on: 'signal-wait colour', signal: 'colour', value: 'red' },
    ],
    outcome: { status: 'completed', success: true, outputs: { o: 'red' } },
    calls: { red: 1 },
    asked: { colour: 2 },
  },
  {
    name: 'below',
    yaml: `
name: below
inputs: { word: w }
steps:
  - { id: first, tool: keep, parameters: { v: first } }
  - id: sub
    tool: pipeline-executor
    dependencies: [first]
    parameters:
      output_mapping: { o: mapped }
      pipeline: |
        name: sub
        inputs: { word: { type: string } }
        steps:
          - { id: a, tool: keep, parameters: { v: "{{ word }}a" } }
          - { id: gate, tool: wait-for-signal, dependencies: [a] }
          - id: deeper
            tool: pipeline-executor
            dependencies: [gate]
            parameters:
              pipeline: |
                name: deeper
                steps: [{ id: b, tool: keep, parameters: { v: deep } }]
                outputs: { o: "{{ b.v }}" }
        outputs: { o: "{{ gate.value }}{{ deeper.outputs.o }}" }
  - { id: last, tool: keep, parameters: { v: "{{ sub.outputs.mapped }}!" } }
outputs: { o: "{{ last.v }}" }`,
    acts: [{ on: 'signal-wait gate', run: 'below.sub', signal: 'gate', value: 'open ' }],
    outcome: { status: 'completed', success: true, outputs: { o: 'open deep!' } },
    calls: { first: 1, wa: 1, deep: 1, 'open deep!': 1 },
  },
  {
    name: 'repeated',
    yaml: `
name: repeated
steps:
  - id: again
    tool: pipeline-executor
    on_failure: continue
    parameters:
      error_handling: retry
      retry_count: 1
      retry_delay: 0.01
      pipeline: |
        name: failing
        steps: [{ id: bad, tool: crumble, parameters: { v: bad } }]
  - id: told
    tool: pipeline-executor
    dependencies: [again]
    parameters:
      error_handling: continue
      pipeline: |
        name: failing
        steps: [{ id: bad, tool: crumble, parameters: { v: worse } }]
outputs: { o: "{{ again.status }} {{ told.success }} {{ told.error_code }}" }`,
    outcome: { status: 'completed', success: false, outputs: { o: 'failed false tool_error' } },
    calls: { bad: 2, worse: 1 },
  },
  {
    name: 'detached',
    yaml: `
name: detached
steps:
  - id: sub
    tool: pipeline-executor
    parameters:
      wait_for_completion: false
      pipeline: |
        name: sub
        steps:
          - { id: a, tool: keep, parameters: { v: a } }
          - { id: b, tool: keep, parameters: { v: b }, dependencies: [a] }
  - { id: last, tool: keep, parameters: { v: "{{ sub.result.status }}" } }
outputs: { o: "{{ last.v }}" }`,
    left: ['detached.sub'],
    outcome: { status: 'completed', success: true, outputs: { o: 'started' } },
    calls: { a: 1, b: 1, started: 1 },
  },
  {
    name: 'notes',
    yaml: `
name: notes
strategy: sequential
steps:
  - { id: store, tool: mcp-memory, action: store, parameters: { namespace: notes, key: k, value: kept } }
  - { id: more, tool: mcp-memory, action: store, parameters: { namespace: notes, key: l, value: [1], ttl: 100000 } }
  - { id: found, tool: mcp-memory, action: retrieve, parameters: { namespace: notes, key: k } }
  - { id: names, tool: mcp-memory, action: list, parameters: { namespace: notes } }
  - { id: gone, tool: mcp-memory, action: delete, parameters: { namespace: notes, key: k } }
  - { id: missing, tool: mcp-memory, action: retrieve, parameters: { namespace: notes, key: k } }
  - { id: clear, tool: mcp-memory, action: clear, parameters: { namespace: notes } }
  - { id: up, tool: recursion-control, action: update_state, parameters: { state_key: n, increment: 1 } }
  - { id: up2, tool: recursion-control, action: update_state, parameters: { state_key: n, increment: 1 } }
  - { id: turn, tool: recursion-control, action: check_condition, parameters: { condition: "n < 2", max_iterations: 5 } }
  - { id: state, tool: recursion-control, action: get_state, parameters: { state_key: n } }
  - { id: reset, tool: recursion-control, action: reset }
  - { id: runs, tool: checkpoint, action: list, parameters: { pipeline_name: notes } }
  - { id: self, tool: checkpoint, action: inspect, parameters: { checkpoint_file: "{{ execution.id }}" } }
  - { id: file, tool: checkpoint, action: extract, parameters: { checkpoint_file: "{{ execution.id }}", output_file: notes.md } }
  - { id: set, tool: environment, action: update, parameters: { name: "{{ execution.id }}", patch: { tea: 1 } } }
  - { id: shop, tool: environment, action: get, parameters: { name: "{{ execution.id }}" } }
  - { id: seen, tool: environment, action: watch, parameters: { name: "{{ execution.id }}", after: 0 } }
outputs:
  memory: "{{ found.value }} {{ names.count }} {{ missing.found }}"
  state: "{{ up2.new_value }} {{ turn.iteration }} {{ turn.should_continue }} {{ state.value }}"
  runs: "{{ runs.count }} {{ self.name }} {{ file.steps }}"
  shared: "{{ set.version }} {{ shop.version }} {{ seen.changed }}"`,
    outcome: {
      status: 'completed',
      success: true,
      outputs: { memory: 'kept 2 false', state: '2 1 false 2', runs: '1 notes 18', shared: '1 1 true' },
    },
    calls: {},
  },
  {
    name: 'question',
    simulated:
      'the time limit of a question is over in a moment where clocks go fast, and flush.long.test.ts kills one',
    yaml: `
name: question
inputs: { file: { type: file } }
steps:
  - { id: ask, action: chain, parameters: { prompt: From where does a run go on after a crash?, files: ["{{ file }}"] } }
  - { id: then, tool: keep, parameters: { v: "{{ ask.status }}" } }
outputs: { o: "{{ then.v }}" }`,
    outcome: { status: 'completed', success: true, outputs: { o: 'completed' } },
    calls: { completed: 1 },
  },
]
