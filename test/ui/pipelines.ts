/** A run with parallel steps and a loop. */
export const NIGHTLY = `name: nightly-report
steps:
  - { id: fetch, tool: terminal, parameters: { command: "sleep 0.2" } }
  - { id: clean, tool: terminal, dependencies: [fetch], parameters: { command: "sleep 0.2" } }
  - { id: chart, tool: terminal, dependencies: [fetch], parameters: { command: "sleep 0.3" } }
  - { id: each, dependencies: [clean], for_each: "['north','south']", steps: [{ id: sum, tool: terminal, parameters: { command: "echo {{ item }}" } }] }
  - { id: publish, tool: terminal, dependencies: [each, chart], parameters: { command: "echo published" } }
outputs: { said: "{{ publish.result }}" }
`

export const NEWSLETTER = `name: newsletter
steps:
  - { id: draft, tool: debug, parameters: { message: "Dear harbour, the ship leaves at noon." } }
  - { id: approve, tool: approval-gate, dependencies: [draft], parameters: { title: "Send this letter to 1,200 readers?", content: "Dear harbour,\\n\\nthe ship leaves at noon. Bring your coat.\\n\\nYours, the port" } }
  - { id: send, tool: debug, dependencies: [approve], parameters: { message: sent } }
`

/** It fails while its file is missing; given another file, it completes. */
export const ORDERS = `name: import-orders
inputs:
  log: { type: string, default: missing.log }
steps:
  - { id: prepare, tool: debug, parameters: { message: ready } }
  - { id: load, tool: filesystem, action: read, dependencies: [prepare], parameters: { path: "{{ log }}" } }
  - { id: count, tool: debug, dependencies: [load], parameters: { message: counted } }
`

/** Ten steps, one after the other, of which a crash cuts one off. */
export const SLOW = `name: slow
steps:
${Array.from({ length: 10 }, (_, n) => `  - { id: s${n}, tool: terminal, effect: idempotent, ${n > 0 ? `dependencies: [s${n - 1}], ` : ''}parameters: { command: "sleep 0.2" } }`).join('\n')}
`

/** Text that would act if a page took it for markup. */
export const EVIL = `<img src=x onerror="window.hacked=1"><script>window.hacked=1</script>\\u202e[x](javascript:window.hacked=1) ![x](https://evil.example/x.png)`

/** Hostile text in each place that a page shows. */
export const HOSTILE = `name: '${EVIL.replaceAll("'", "''")}'
inputs: { word: { type: string } }
steps:
  - { id: say, tool: debug, parameters: { message: "{{ word }}" } }
  - { id: ask, tool: approval-gate, dependencies: [say], parameters: { title: "${EVIL.replaceAll('"', '\\"')}", content: "${EVIL.replaceAll('"', '\\"')}" } }
`

/** A step asks a model, and the one behind it fails. */
export const LETTER = `name: write-letter
inputs:
  town: { type: string, default: Kiel }
steps:
  - { id: weather, action: generate_text, parameters: { model: demo/desk, prompt: "Weather in {{ town }}?" } }
  - { id: stamp, tool: filesystem, action: read, dependencies: [weather], parameters: { path: missing.log } }
`

/** A level of 400 steps, and a loop. */
export const WIDE = `name: wide
steps:
  - { id: first, tool: debug, parameters: { message: hi } }
${Array.from({ length: 400 }, (_, n) => `  - { id: s${n}, tool: debug, dependencies: [first], parameters: { message: hi } }`).join('\n')}
  - { id: each, dependencies: [first], for_each: "[1,2,3]", steps: [{ id: x, tool: debug, parameters: { message: hi } }] }
`

/** A run that asks twelve questions: ten of them fill more than a page of the inbox. */
export const CROWD = `name: crowd
steps:
${Array.from({ length: 12 }, (_, n) => `  - { id: q${n}, tool: wait-for-signal, parameters: { prompt: Go? } }`).join('\n')}
`

/** A run that waits, and is found by its input. */
export const HELD = `name: hold-tickets
inputs: { batch: { default: tickets-2026 } }
steps: [{ id: wait, tool: wait-for-signal, parameters: { prompt: Go? } }]`
