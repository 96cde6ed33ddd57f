import { readFileSync } from 'node:fs'
import { missingPlugin } from '../../arguments/plugin-entry.ts'

/** A file of a new project. `lacks`: the sentence about what an existing file still needs; undefined: nothing. */
export type ProjectFile = {
  readonly path: string
  readonly text: string
  lacks?(existing: string): Promise<string | undefined>
}

export const PIPELINE = 'digest.yaml'

const TOOL = 'tools/count-words.mts'

export function projectFiles(folder: string): readonly ProjectFile[] {
  return [
    { path: 'package.json', text: `${JSON.stringify(packageJson(folder), null, 2)}\n` },
    { path: 'antiphon.yaml', text: SETTINGS, lacks: lacksTool },
    { path: PIPELINE, text: DIGEST },
    { path: TOOL, text: COUNT_WORDS },
    { path: '.gitignore', text: 'node_modules\n.antiphon/\n', lacks: lacksDataFolder },
  ]
}

async function lacksTool(existing: string): Promise<string | undefined> {
  const missing = await missingPlugin(existing, TOOL)
  return missing && `${missing.say} it: ${missing.line}`
}

const lacksDataFolder = async (existing: string) =>
  existing.includes('.antiphon/') ? undefined : 'Add this to it: .antiphon/'

/** The file that `npm pack` makes of this version: on npm, another package could take the name antiphon. */
export const packedName = () => `antiphon-${readPackage().version}.tgz`

function readPackage() {
  const text = readFileSync(new URL('../../../../package.json', import.meta.url), 'utf8')
  return JSON.parse(text) as {
    readonly version: string
    readonly engines: { readonly node: string }
    readonly dependencies: { readonly zod: string }
  }
}

/** Without antiphon: `npm install` of the packed file adds it. */
function packageJson(folder: string) {
  const { engines, dependencies } = readPackage()
  return {
    name: packageName(folder),
    private: true,
    type: 'module',
    engines,
    scripts: { start: `antiphon run ${PIPELINE}`, check: `antiphon validate ${PIPELINE}` },
    dependencies: { zod: dependencies.zod },
  }
}

/** A name that npm accepts. */
function packageName(folder: string): string {
  const name = folder
    .toLowerCase()
    .replace(/[^a-z0-9._-]+/g, '-')
    .replace(/^[._-]+/, '')
  return name === '' || name === 'antiphon' || name === 'node_modules' ? 'my-project' : name.slice(0, 214)
}

const SETTINGS = `# Project settings. All settings: docs/deploy.md in the antiphon package.
plugins: [${TOOL}]

# Writes of agents outside this folder wait for you. The first write creates it.
writes: [work]

# Without a model here, antiphon uses offline/extractive. It needs no API key.
# It selects sentences from the text and does not write its own.
# model: ollama/llama3.2
`

const DIGEST = `name: digest
description: Counts the words of each text and summarises all of them.
inputs:
  texts:
    type: array
    default:
      - The tide rises and falls twice a day. The moon pulls the water on the side of the earth that faces it.
      - Wind makes waves. A storm far away sends a swell that reaches the coast days later.
      - A lighthouse shows ships where the coast is. Each one has a rhythm of its own, so that sailors know which one they see.
      - Salt lowers the temperature at which water freezes. The sea freezes at about two degrees below zero.
      - A current carries warm water to the north. Harbours there stay free of ice in winter.
      - Plankton drifts with the water. Most of the life in the sea lives on it.
steps:
  - id: each
    for_each: "{{ texts }}"
    steps:
      - id: count
        tool: count-words
        parameters: { text: "{{ item }}" }
  - id: summary
    action: generate
    parameters: { prompt: "Summarise in 2 bullets: {{ texts | join(' ') }}" }
  - id: write
    tool: filesystem
    action: write
    parameters:
      path: digest.md
      content: |
        {{ summary.result }}

        {% for one in each.results %}
        {{ loop.index }}. {{ one.count.words }} words
        {% endfor %}
outputs:
  file: "{{ write.path }}"
  texts: "{{ each.iterations }}"
`

const COUNT_WORDS = `import { setTimeout } from 'node:timers/promises'
import { defineTool } from 'antiphon'
import { z } from 'zod'

// simulates the time that a real service takes
const SERVICE_TIME_MS = 1000

export default defineTool({
  name: 'count-words',
  description: 'Counts the words in a string',
  // pure: safe to repeat, and may start before its message is on disk
  // · idempotent: safe to repeat · at-most-once: never repeated
  effect: 'idempotent',
  input: z.object({ text: z.string() }),
  output: z.object({ words: z.number() }),
  async execute({ text }, { signal }) {
    await setTimeout(SERVICE_TIME_MS, undefined, { signal })
    return { words: text.split(/\\s+/).filter(Boolean).length }
  },
})
`
