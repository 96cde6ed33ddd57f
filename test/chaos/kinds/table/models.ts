import type { Case } from '../case.ts'

/** Every way to ask a model; what is billed for is told by the word in brackets. */
export const models: readonly Case[] = [
  {
    name: 'models',
    yaml: `
name: models
model: lab/small
steps:
  - { id: text, action: generate_text, parameters: { prompt: "[text] say it" } }
  - { id: value, action: generate_structured, parameters: { prompt: "[value] as JSON after {{ text.result }}", schema: { type: object, properties: { n: { type: integer } } } } }
  - { id: lifted, tool: validation, action: extract_structured, parameters: { text: "[lifted] {{ value.result.n }}", schema: { type: object, properties: { n: { type: integer } } } } }
  - { id: seen, action: analyze_text, parameters: { text: "[seen] {{ lifted.data.n }}", analysis_type: tone }, cache: false }
  - { id: needs, action: generate, parameters: { prompt: "[needs]" }, requires_model: { expertise: [code] } }
  - { id: worse, action: generate, parameters: { prompt: "[worse]", model: lab/broken }, fallback: [lab/small] }
  - { id: listed, action: generate, parameters: { prompt: "[listed]", models: [lab/broken, lab/small] } }
  - { id: stored, tool: keep, parameters: { v: "{{ text.result }}{{ seen.result }}" }, cache: { tags: ["{{ seen.result }}"] } }
outputs: { o: "{{ stored.v }}", n: "{{ value.result.n }}" }`,
    outcome: { status: 'completed', degraded: true, outputs: { o: 'the text the seen', n: 5 } },
    calls: { 'the text the seen': 1 },
  },
  {
    name: 'auto',
    yaml: `
name: auto
model: lab/small
steps:
  - id: turns
    while: "<AUTO>[more] once more?</AUTO>"
    max_iterations: 2
    steps: [{ id: turn, tool: keep, parameters: { v: "t{{ iteration }}" } }]
  - { id: file, tool: look, parameters: { v: file }, produces: text-file, location: "<AUTO>[where] where to</AUTO>" }
  - { id: a, tool: keep, parameters: { v: '<AUTO>[auto] which word?</AUTO>' } }
  - { id: b, tool: keep, if: "<AUTO>[yes] is it so?</AUTO>", parameters: { v: b } }
  - { id: c, tool: keep, if: "<AUTO>[no] is it so?</AUTO>", parameters: { v: c } }
  - { id: each, for_each: "<AUTO>[list] which?</AUTO>", steps: [{ id: d, tool: keep, parameters: { v: "d{{ item }}" } }] }
  - { id: e, tool: keep, depends_on: "<AUTO>[needed] what it needs</AUTO>", parameters: { v: e } }
outputs: { o: "{{ a.v }} {{ b.status }} {{ c.status }}" }`,
    outcome: { status: 'completed', success: true, outputs: { o: 'the auto completed skipped' } },
    calls: { t0: 1, t1: 1, file: 1, 'the auto': 1, b: 1, d1: 1, d2: 1, e: 1 },
  },
  {
    name: 'turning',
    yaml: `
name: turning
model: lab/small
inputs: { hue: { type: string, default: "<AUTO>[hue] which?</AUTO>" } }
steps:
  - { id: parts, tool: keep, parameters: { v: "{{ hue }}" }, goto: "<AUTO>[route] left or right?</AUTO>" }
  - { id: left, tool: keep, parameters: { v: left }, dependencies: [parts] }
  - { id: right, tool: keep, parameters: { v: right }, dependencies: [parts] }
outputs: { o: "{{ left.status }} {{ right.v }}" }`,
    outcome: { status: 'completed', success: true, outputs: { o: 'skipped right' } },
    calls: { 'the hue': 1, right: 1 },
  },
]
