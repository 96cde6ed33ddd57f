import { renameSync } from 'node:fs'
import { join } from 'node:path'
import { AS_SOURCES } from '../as-sources.ts'
import { openBench } from './commands.ts'
import { REAL } from './programs.ts'

const INDEX = join(import.meta.dirname, '../../src/index.ts')

/** The steps of each run of the program below. Each takes a while, and is followed by a pause. */
export const STEPS = 8

/** A program that starts runs once. Each of their at-most-once steps writes a line into a file outside. */
const PROGRAM = `import { appendFileSync, existsSync } from 'node:fs'
import { setTimeout } from 'node:timers/promises'
import { z } from ${JSON.stringify(import.meta.resolve('zod'))}
import { defineWorkflow, start } from ${JSON.stringify(INDEX)}
import { NAME, TWICE, VERSION } from './version.mts'

const order = defineWorkflow({
  name: NAME,
  input: z.object({}),
  async run(ctx) {
    for (let number = 0; number < ${STEPS}; number++) {
      const write = async () => {
        await setTimeout(200)
        appendFileSync('lines.txt', ctx.run.id + ' ' + number + '\\n')
      }
      await ctx.step('write-' + number, write, { effect: 'at-most-once' })
      await ctx.sleep(process.env.PAUSE ?? '10ms')
    }
  },
})
const app = await start({ workflows: TWICE ? [order, order] : [order] })
console.log('version', VERSION)
if (!existsSync('begun')) {
  appendFileSync('begun', '')
  for (let number = 1; number <= Number(process.env.RUNS); number++) await app.start(order, {}, { id: 'r' + number })
}
`

const written = (name: string, version: number, isTwice = false) =>
  `export const NAME = '${name}'\nexport const VERSION = ${version}\nexport const TWICE = ${isTwice}\n`

/** The ways in which an edit breaks the program, before it opens its folder. */
const BROKEN: readonly string[] = [
  "export const NAME = 'order'\nexport const VERSION: = 0\n",
  `import './missing.mts'\n${written('order', 0)}`,
  written('no name', 0),
  written('order', 0, true),
]

/** `antiphon dev` over a program, in a process of its own. */
export function openDev(environment: { readonly [name: string]: string }) {
  const bench = openBench(REAL)
  const { write, path, start } = bench
  write('antiphon.yaml', 'embedder: none')
  write('app.mts', PROGRAM)
  /** As editors do: no process reads half of a file. */
  const replace = (text: string) => {
    write('version.tmp', text)
    renameSync(path('version.tmp'), path('version.mts'))
  }
  const edit = (version: number) => replace(written('order', version))
  edit(0)
  const dev = start(['dev', '--no-open'], REAL.self, { ...environment, NODE_OPTIONS: AS_SOURCES.join('=') })
  return { ...bench, dev, edit, breakBy: (way: number) => replace(BROKEN[way % BROKEN.length]!) }
}
