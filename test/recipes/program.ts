import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { registerHooks, stripTypeScriptTypes } from 'node:module'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'

// the source with the files of all recipes in it, which stand in `recipes.json`: they are added to no folder
const ROOT = join(import.meta.dirname, '../..')
const files = JSON.parse(readFileSync('recipes.json', 'utf8')) as readonly (readonly [path: string, text: string])[]
const texts = new Map(files.map(([path, text]) => [pathToFileURL(join(ROOT, path)).href, text]))
registerHooks({
  resolve(name, context, next) {
    const url = name.startsWith('.') ? new URL(name, context.parentURL).href : name
    return texts.has(url) ? { url, format: 'module', shortCircuit: true } : next(name, context)
  },
  load(url, context, next) {
    const text = texts.get(url)
    return text === undefined
      ? next(url, context)
      : { format: 'module', source: stripTypeScriptTypes(text), shortCircuit: true }
  },
})

const { loadConfig, runPipeline } = await import('../../src/index.ts')
const { openRuntime } = await import('../../src/runtime/open/open-runtime.ts')
const { createApp } = await import('../../src/http/server/app.ts')
const { identifyByKey } = await import('../../src/http/server/authenticate.ts')
const { verdictOf } = await import('../../src/contract/error-codes.ts')
const { runHere } = await import('../cli/here.ts')
const { configure } = await import('../../src/cli/connect/configure.ts')

const config = await loadConfig({ folder: '.', environment: {} })
const told: string[] = []
const runtime = await openRuntime(config, { notice: (line) => void told.push(line) })
const app = createApp(runtime, { identify: identifyByKey(runtime.access) })

async function callerOf(owner: string) {
  const { token } = await runtime.access.keys.create({ name: owner, owner, scopes: ['read', 'run'] })
  const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json' }
  return async (path: string, body?: object) => {
    const sent = body ? { method: 'POST', body: JSON.stringify(body), headers } : { headers }
    const response = await app.request(`/v1${path}`, sent)
    const { code, status, ...answer } = (await response.json()) as { readonly code?: string; readonly status?: number }
    return code === undefined ? answer : { code, status }
  }
}
const [local, ann] = [await callerOf('local'), await callerOf('ann')]

/** Runs a pipeline of one step, `a`, whose result is its output. */
async function runStep(step: object) {
  writeFileSync('p.yaml', JSON.stringify({ name: 'p', steps: [{ id: 'a', ...step }], outputs: { a: '{{ a }}' } }))
  return runPipeline('p.yaml', { runtime })
}

async function tryTool() {
  const { outputs } = await runStep({ tool: 'slug', parameters: { text: 'Ebb & Flow' } })
  return outputs.a
}

async function tryCode() {
  const { steps } = await runStep({ tool: 'slug', parameters: { text: '!' } })
  const code = (steps.a as { readonly error_code?: string }).error_code!
  return { code, ...verdictOf({ code, name: 'InvalidError' }) }
}

async function tryCommand() {
  const { code, out } = await runHere({ configure, self: [] }, ['where', '--data', 'data'], { folder: process.cwd() })
  return { code, out: out.trim().replace(`${process.cwd()}/`, '') }
}

async function tryKey() {
  writeFileSync('k.yaml', 'name: k\nsteps: [{ id: a, action: generate, temperature: 3, parameters: { prompt: Go } }]')
  const { findings } = await runtime.pipelines.validate({ file: 'k.yaml' })
  return findings.map(({ message }) => message)
}

async function tryRoute() {
  const { execution_id } = await runStep({ tool: 'debug', parameters: { message: 1 } })
  const path = `/runs/${execution_id}/progress`
  return [await local(path), await ann(path)]
}

async function tryRoom() {
  // the types of this program are those of the source without the room
  const { tallies } = runtime as unknown as { readonly tallies: { add(name: string, amount: number): Promise<object> } }
  const port = await tallies.add('cups', 2)
  const { outputs } = await runStep({ tool: 'tally', action: 'add', parameters: { name: 'cups', amount: 1 } })
  return {
    port,
    tool: outputs.a,
    route: await local('/tallies/cups/add', { amount: 1 }),
    read: await local('/tallies/cups'),
    full: await local('/tallies/cups/add', { amount: 2 }),
    others: await ann('/tallies/cups'),
    documented: JSON.stringify(await local('/openapi.json')).includes('tally_full'),
  }
}

async function tryLanguage() {
  const { id } = await runtime.runs.start({ source: { name: 'poem.words', text: 'So much depends' } })
  await runtime.idle()
  const { status, outputs, steps } = await runtime.runs.get(id)
  return { status, outputs, steps: Object.keys(steps) }
}

/** The tallies that are left after their owner was forgotten, by its own list of actors, and by its files. */
async function tryForget() {
  const { tallies } = runtime as unknown as { readonly tallies: { add(name: string, amount: number): Promise<object> } }
  await tallies.add('xyloglyph', 1)
  const { removed } = await runtime.erasures.forget('local')
  const files = readdirSync(config.data).filter((name) => name.startsWith('engine.db'))
  return {
    tallies: removed.tallies,
    left: (await runtime.engine.view.list('tally')).map(({ key }) => key),
    inFiles: files.filter((name) => readFileSync(join(config.data, name)).includes('xyloglyph')),
    told,
  }
}

const found = {
  tool: await tryTool(),
  code: await tryCode(),
  command: await tryCommand(),
  key: await tryKey(),
  route: await tryRoute(),
  room: await tryRoom(),
  language: await tryLanguage(),
  forget: await tryForget(),
}
await runtime.stop()
writeFileSync('antiphon.yaml', 'tallyLimits: 5\n')
const unknown = await loadConfig({ folder: '.', environment: {} }).catch(({ hint }) => hint)
console.log(JSON.stringify({ ...found, room: { ...found.room, unknown } }))
