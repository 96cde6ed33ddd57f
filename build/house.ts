import { execFileSync } from 'node:child_process'
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import { type Arrow, homeless, readHouse } from '../test/architecture/house.ts'
import { codeFolders, readSources } from '../test/architecture/source.ts'

// Counts how the folders of src/ and the packages import each other, and the files that a small piece of work executes. Ends with exit code 1 when two
// folders import each other or one imports a higher floor.

const ROOT = resolve(import.meta.dirname, '..')
const SRC = pathToFileURL(join(ROOT, 'src/')).href

const PIPELINE = `name: word
steps:
  - { id: say, tool: debug, parameters: { message: hello } }
outputs: { said: "{{ say.result }}" }
`
const IMPORTS = `
import { defineAgent, defineWorkflow, start } from '${SRC}index.ts'
import { scriptedModel } from '${SRC}testing/scripted-model.ts'
import { z } from '${import.meta.resolve('zod')}'
`
const EMPTY = `import { start } from '${SRC}index.ts'
await using app = await start({ data: 'data' })
`
const MESSAGE = `${IMPORTS}
const guide = defineAgent({ name: 'guide', model: 'scripted/guide', instructions: 'You help.' })
const models = { 'scripted/guide': scriptedModel([{ reply: 'Hello.' }]) }
await using app = await start({ data: 'data', agents: [guide], models, prices: { 'scripted/guide': { input: 0, output: 0 } } })
const { status } = await app.conversation(guide, 'c').send('Hello')
if (status !== 'completed') throw new Error(status)
`
const WORKFLOW = `${IMPORTS}
const greet = defineWorkflow({ name: 'greet', input: z.object({}), run: (ctx) => ctx.step('say', async () => 'hello') })
await using app = await start({ data: 'data', workflows: [greet] })
const run = await app.start(greet, {})
if ((await run.result()) !== 'hello') throw new Error('It said something else.')
`

const sources = codeFolders().flatMap((folder) => readSources(folder))
const { arrows, pairs, up } = readHouse(sources)
const unplaced = homeless(sources)
console.log(`folders import each other by ${arrows.length} arrows`)
print(`${pairs.length} pairs import each other; of each, the arrow with fewer imports`, pairs)
print(`${up.length} arrows go up`, up)
for (const folder of unplaced) console.log(`${folder} is on no floor (FLOORS in test/architecture/rules.ts)`)
const WORK = [
  ['an empty runtime', 'empty.mts', EMPTY],
  ['a pipeline of one step', 'word.yaml', PIPELINE, 'bin/antiphon.js', 'run'],
  ['a workflow of one step', 'workflow.mts', WORKFLOW],
  ['a message of a conversation', 'message.mts', MESSAGE],
] as const
for (const [what, name, text, ...command] of WORK)
  console.log(`${what} executes ${countExecuted(name, text, command)} files of src/`)
if (pairs.length + up.length + unplaced.length > 0) process.exitCode = 1

function print(title: string, found: readonly Arrow[]): void {
  console.log(title)
  for (const { from, to, imports } of found) {
    console.log(`  ${from} -> ${to}`)
    for (const line of imports) console.log(`    ${line}`)
  }
}

/** Files of src/ of which a function is called when Node runs a program with a file as its last argument. */
function countExecuted(name: string, text: string, [program, ...args]: readonly string[]): number {
  const folder = mkdtempSync(join(tmpdir(), 'antiphon-house-'))
  try {
    writeFileSync(join(folder, name), text)
    const env = { ...process.env, NODE_V8_COVERAGE: join(folder, 'coverage') }
    const command = program === undefined ? [name] : [join(ROOT, program), ...args, name]
    execFileSync(process.execPath, command, { cwd: folder, env, stdio: ['ignore', 'ignore', 'pipe'] })
    return readExecuted(join(folder, 'coverage')).size
  } finally {
    rmSync(folder, { recursive: true })
  }
}

type Coverage = {
  readonly result: readonly {
    readonly url: string
    readonly functions: readonly { readonly ranges: readonly { readonly count: number }[] }[]
  }[]
}

function readExecuted(folder: string): ReadonlySet<string> {
  const files = readdirSync(folder).map((name) => JSON.parse(readFileSync(join(folder, name), 'utf8')) as Coverage)
  const scripts = files.flatMap(({ result }) => result).filter(({ url }) => url.startsWith(SRC))
  // the first function of a script is the script itself
  const executed = scripts.filter(({ functions }) => functions.slice(1).some(({ ranges }) => ranges[0]!.count > 0))
  return new Set(executed.map(({ url }) => url))
}
