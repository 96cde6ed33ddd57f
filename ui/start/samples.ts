/** Three pipelines to try in an empty folder; none of them asks a model or touches a file. */
export const SAMPLES = [
  {
    title: 'A small pipeline',
    about: 'Three steps: two of them side by side, and one that joins their results.',
    text: `name: tides
steps:
  - { id: high, tool: data-processing, action: aggregate, parameters: { data: [{ m: 3 }, { m: 5 }], aggregations: { m: max } } }
  - { id: low, tool: data-processing, action: aggregate, parameters: { data: [{ m: 1 }, { m: 2 }], aggregations: { m: min } } }
  - { id: report, tool: debug, dependencies: [high, low], parameters: { message: "high and low water" } }
`,
  },
  {
    title: 'A question to you',
    about: 'A run that waits for your approval. You answer it in the inbox, and it goes on.',
    text: `name: ask-first
steps:
  - { id: draft, tool: debug, parameters: { message: "Dear harbour, the ship leaves at noon." } }
  - { id: approve, tool: approval-gate, dependencies: [draft], parameters: { title: "Send this letter?", content: "Dear harbour, the ship leaves at noon." } }
  - { id: sent, tool: debug, dependencies: [approve], parameters: { message: sent } }
`,
  },
  {
    title: 'A failure to look into',
    about: 'A step fails. See which one and on what, then run it again from there.',
    text: `name: broken
inputs:
  log: { type: string, default: missing.log }
steps:
  - { id: prepare, tool: debug, parameters: { message: ready } }
  - { id: load, tool: filesystem, action: read, dependencies: [prepare], parameters: { path: "{{ log }}" } }
  - { id: count, tool: debug, dependencies: [load], parameters: { message: counted } }
`,
  },
] as const
