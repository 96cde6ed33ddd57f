import type { Case } from '../case.ts'

/** Steps that give files to models, and replies that are given again. */
export const given: readonly Case[] = [
  {
    name: 'given',
    yaml: `
name: given
model: lab/small
steps:
  - { id: note, tool: filesystem, action: write, parameters: { path: given/note.txt, content: "it says [note]" } }
  - { id: gif, tool: filesystem, action: write, parameters: { path: given/a.gif, content: R0lGODlhAQABAIAAAAAAAP///yH5BAEAAAAALAAAAAABAAEAAAIBRAA7, encoding: base64 } }
  - { id: sound, tool: filesystem, action: write, parameters: { path: given/a.wav, content: UklGRiwAAABXQVZFZm10IBAAAAABAAEAQB8AAEAfAAABAAgAZGF0YQgAAAAAAAAAAAAAAA==, encoding: base64 } }
  - id: read
    action: generate
    on_truncated: continue
    promptCache: 1h
    parameters: { prompt: "[filed] what does it say?", files: "{{ note.path }}" }
  - { id: each, for_each: ["[one]", "[two]"], max_parallel: 2, steps: [{ id: again, action: analyze_text, parameters: { text: "[filed] {{ item }}", files: ["{{ note.path }}"] } }] }
  - { id: drawn, action: extract_structured, parameters: { text: "[drawn]", files: ["{{ note.path }}"], schema: { type: object, properties: { n: { type: integer } } } } }
  - { id: see, tool: image-analysis, action: analyze, parameters: { image: "{{ gif.path }}", analysis_type: "[picture]" } }
  - { id: look, tool: image-analysis, action: execute, parameters: { image: "{{ gif.path }}", analysis_type: "[picture]", model: lab/eyes } }
  - { id: hear, tool: audio-processing, action: transcribe, parameters: { audio: "{{ sound.path }}" } }
  - { id: say, tool: audio-processing, action: speak, parameters: { text: "[spoken]", output_path: given/said.mp3 } }
  - { id: last, tool: keep, parameters: { v: "{{ read.result }} {{ drawn.data.n }} {{ see.analysis.result }} {{ hear.transcription }}" } }
outputs: { o: "{{ last.v }}" }`,
    again: [{ reuse: true, outcome: { status: 'completed' } }],
    outcome: { status: 'completed', outputs: { o: 'the filed 7 the picture the heard' } },
    calls: { 'the filed 7 the picture the heard': 1 },
    billed: {
      'filed+note small': 1,
      'filed+note+one small': 1,
      'filed+note+two small': 1,
      'drawn+note small': 1,
      'picture small': 1,
      'picture eyes': 1,
      'sound whisper-1': 1,
      'spoken tts-1': 1,
    },
  },
  {
    // the file is another one when the step is tried again; its model is given the one it was first given
    name: 'pinned',
    simulated: 'where clocks go fast the file is another one before a step that was killed finds it again',
    yaml: `
name: pinned
model: lab/small
steps:
  - { id: note, tool: filesystem, action: write, parameters: { path: pinned/note.txt, content: "it says [before]" } }
  - { id: ask, action: generate, parameters: { prompt: "[pinned] what does it say?", files: "{{ note.path }}" }, retry: 99, retry_config: { initial_delay: 900, backoff_factor: 1, max_delay: 1000, jitter: false } }
  - { id: pause, tool: stumble, parameters: { v: pause, fails: 1, delay: 300000 }, dependencies: [note] }
  - { id: over, tool: filesystem, action: write, parameters: { path: pinned/note.txt, content: "it says [after]" }, dependencies: [pause] }
outputs: { o: "{{ ask.result }}" }`,
    outcome: { status: 'completed', success: true, outputs: { o: 'the pinned' } },
    calls: { pause: 1 },
    attempts: { pause: 2, ask: 2 },
    billed: { 'before+pinned small': 2, 'after+pinned small': 0 },
  },
  {
    name: 'kept',
    cached: true,
    yaml: `
name: kept
model: lab/small
steps:
  - { id: first, action: generate, parameters: { prompt: "[kept] what is it?" }, cache: true }
  - { id: second, action: generate, parameters: { prompt: "[kept] what is it?" }, cache: { ttl: 100000 }, dependencies: [first] }
  - { id: last, tool: keep, parameters: { v: "{{ second.result }}" } }
outputs: { o: "{{ last.v }}" }`,
    again: [{ fork: { at: 'second' }, outcome: { status: 'completed', outputs: { o: 'the kept' } } }],
    outcome: { status: 'completed', success: true, outputs: { o: 'the kept' } },
    calls: { 'the kept': 1 },
    billed: { 'kept small': 1 },
  },
]
