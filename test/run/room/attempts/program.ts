import { appendFileSync, existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { z } from 'zod'
import { loadConfig } from '../../../../src/config/config.ts'
import { defineWorkflow } from '../../../../src/index.ts'
import { openRuntime } from '../../../../src/runtime/open/open-runtime.ts'

/** Adds a line to a file, and counts its lines. */
function count(file: string): number {
  appendFileSync(file, 'x\n')
  return readFileSync(file, 'utf8').trim().split('\n').length
}

/** The first step fails, and dies with its process; the second one only dies. */
const shaky = defineWorkflow({
  name: 'shaky',
  input: z.object({ folder: z.string(), dies: z.boolean() }),
  async run({ step }, { folder, dies }) {
    const die = () => dies && process.kill(process.pid, 'SIGKILL')
    const counted = await step(
      'counted',
      () => {
        const calls = count(join(folder, 'counted'))
        if (calls === 1) throw new Error('the server said 500')
        if (calls === 2) die()
        return 'there'
      },
      { retry: { attempts: 4, delay: 1 } },
    )
    const plain = await step('plain', () => {
      if (count(join(folder, 'plain')) === 1) die()
      return 'there'
    })
    return { counted, plain }
  },
})

/** A runtime of this folder; `admin`: of a Restate server. */
export async function openShaky({ folder, admin }: { readonly folder: string; readonly admin?: string }) {
  const file = join(folder, 'antiphon.yaml')
  const engine = admin === undefined ? {} : { engine: { restate: { admin, namespace: 'shaky' } } }
  if (!existsSync(file))
    writeFileSync(file, JSON.stringify({ ...engine, plugins: [join(import.meta.dirname, '../flaky.ts')] }))
  const config = await loadConfig({ folder, environment: {} })
  return openRuntime({ ...config, embedder: 'none' }, { notice: () => {}, workflows: [shaky] })
}
