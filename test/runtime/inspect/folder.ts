import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { onTestFinished } from 'vitest'
import type { AnyPhase, Phase } from '../../../src/chain/protocol/phase.ts'
import { loadConfig } from '../../../src/config/config.ts'
import type { Actor } from '../../../src/kernel/types.ts'
import { createRuntime, type ServedRuntime } from '../../../src/runtime/open/create-runtime.ts'
import type { Gate } from '../../../src/testing/index.ts'

/** A folder with pipelines of steps that wait for files, and its runtime, opened as often as is asked. */
export function openFolder(pool = { workers: 10, queue: 100 }) {
  const folder = mkdtempSync(join(tmpdir(), 'antiphon-inspect-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true, maxRetries: 5 }))
  const path = (name: string) => join(folder, name)
  return {
    folder,
    path,
    write: (name: string, text: string) => writeFileSync(path(name), text),
    async open(
      actors: readonly Actor[] = [],
      phases: readonly AnyPhase[] = [],
      environment: { readonly [name: string]: string } = {},
      models: { readonly [id: string]: object } = {},
    ): Promise<ServedRuntime> {
      const config = await loadConfig({ folder, environment })
      const plugins = [...(config.plugins ?? []), join(import.meta.dirname, 'tools.ts')]
      const runtime = await createRuntime({ ...config, plugins, pool, embedder: 'none' }, { actors, phases, models })
      onTestFinished(() => runtime.stop({ grace: 0 }))
      return runtime
    },
  }
}

/** A pipeline; each step is a tool with the file it waits for and what else its author says. */
export function pipeline(path: (name: string) => string, steps: { readonly [id: string]: string }): string {
  const lines = Object.entries(steps).map(([id, said]) => {
    const [tool, file, ...more] = said.split(' ')
    return `  - { id: ${id}, tool: ${tool}, ${more.length > 0 ? `${more.join(' ')}, ` : ''}parameters: { file: ${path(file!)} } }`
  })
  return `name: held\nsteps:\n${lines.join('\n')}\n`
}

/** A pipeline of one step that asks on the thread `main`. */
export const QUESTION = `name: ask
steps:
  - { id: ship, action: chain, parameters: { prompt: When does the ship leave?, files: [notes.md], thread: main } }
`

/** The last phase, held at a gate. */
export function heldYield(hold: Gate): Phase<'yield'> {
  return {
    name: 'yield',
    modality: 'text',
    initial: (modality) => ({ modality, finalResponses: [], currentResponse: null }),
    async run(state, { outputs }) {
      await hold.pass()
      const citations = outputs['experience.vectors']?.hits ?? []
      return {
        state,
        output: { answer: 'at noon', citations, invalidCitations: [] },
        text: 'at noon',
        status: 'completed',
      }
    },
  }
}
