import type { Case } from '../case.ts'

/** Steps that wait for money: a call may cost a dollar for each thousand tokens, and costs half a cent. */
export const money: readonly Case[] = [
  {
    name: 'money',
    timed: true,
    yaml: `
name: money
model: lab/paid
steps:
  - { id: limit, action: generate, if: "false", parameters: { prompt: none }, requires_model: { cost_limit: 0.5, budget_period: per-pipeline } }
  - { id: a, action: generate, parameters: { prompt: "[costly] [a]", max_tokens: 100 } }
  - { id: b, action: generate, parameters: { prompt: "[costly] [b]", max_tokens: 1000 }, dependencies: [a] }
  - { id: each, for_each: ["[one]", "[two]", "[three]"], max_parallel: 3, dependencies: [b], steps: [{ id: c, action: generate, parameters: { prompt: "[costly] {{ item }}", max_tokens: 1000 } }] }
  - { id: sub, tool: pipeline-executor, dependencies: [each], parameters: { pipeline: { name: below, model: lab/paid, steps: [{ id: d, action: generate, parameters: { prompt: "[costly] [d]", max_tokens: 1000 } }] } } }
  - { id: last, tool: keep, parameters: { v: "{{ b.result }}" }, dependencies: [sub] }
outputs: { o: "{{ last.v }}" }`,
    acts: [{ on: 'signal-wait b', raise: 1.5 }],
    outcome: { status: 'completed', success: true, outputs: { o: 'the costly' } },
    calls: { 'the costly': 1 },
    billed: {
      'a+costly paid': 1,
      'b+costly paid': 1,
      'costly+d paid': 1,
      'costly+one paid': 1,
      'costly+two paid': 1,
      'costly+three paid': 1,
    },
  },
  {
    name: 'poor',
    yaml: `
name: poor
model: lab/paid
steps:
  - { id: limit, action: generate, if: "false", parameters: { prompt: none }, requires_model: { cost_limit: 0.5, budget_period: per-pipeline } }
  - { id: a, tool: keep, parameters: { v: a } }
  - { id: b, action: generate, parameters: { prompt: "[poor] two", max_tokens: 1000 }, dependencies: [a] }
  - { id: last, tool: keep, parameters: { v: last }, dependencies: [b] }`,
    acts: [{ on: 'signal-wait b', cancel: 'too dear' }],
    outcome: { status: 'cancelled', success: false, error: 'too dear' },
    calls: { a: 1 },
    billed: { 'poor paid': 0 },
  },
  {
    name: 'hourly',
    simulated: 'an hour by a clock that goes fast is longer than processes have patience for',
    timed: true,
    yaml: `
name: hourly
model: lab/paid
steps:
  - { id: limit, action: generate, if: "false", parameters: { prompt: none }, requires_model: { cost_limit: 1.5, budget_period: per-hour } }
  - { id: a, action: generate, parameters: { prompt: "[dear] a", max_tokens: 400 } }
  - { id: b, action: generate, parameters: { prompt: "[costly] b", max_tokens: 1000 }, dependencies: [a] }
  - { id: last, tool: keep, parameters: { v: last }, dependencies: [b] }`,
    outcome: { status: 'completed', success: true },
    calls: { last: 1 },
  },
]
