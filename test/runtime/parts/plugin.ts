import { appendFileSync, readFileSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import { z } from 'zod'
import { defineTool } from '../../../src/index.ts'

const input = z.object({ file: z.string() })

const readLines = (file: string) => readFileSync(file, 'utf8').split('\n')

/** Does three parts and writes each down. The file says where it stops dead: `die AT`, by a signal or for ever. */
const parts = defineTool({
  ...{ name: 'parts', description: 'Does three parts.', input, effect: 'idempotent' },
  async execute({ file }, { once, signal }) {
    const stop = async (at: string) => {
      const lines = readLines(file)
      if (lines.includes(`die ${at}`) && !lines.includes(`died ${at}`)) {
        appendFileSync(file, `died ${at}\n`)
        process.kill(process.pid, 'SIGKILL')
        await new Promise(() => {})
      }
      if (lines.includes(`hang ${at}`)) await sleep(60_000, undefined, { signal })
    }
    const names: string[] = []
    for (const name of ['a', 'b', 'c']) {
      const effect = name === 'b' ? 'at-most-once' : 'idempotent'
      const work = async () => {
        await stop(`before ${name}`)
        appendFileSync(file, `did ${name}\n`)
        await stop(`within ${name}`)
        return name
      }
      names.push(await once(name, work, { effect }))
      await stop(`after ${name}`)
    }
    return names.join('')
  },
})

export default [parts, { ...parts, name: 'parts-aside', isolation: 'process' as const }]
