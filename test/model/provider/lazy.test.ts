import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { promisify } from 'node:util'
import { expect, it } from 'vitest'

const REGISTRY = pathToFileURL(join(import.meta.dirname, '../../../src/model/registry.ts')).href
const PROGRAM = `
import { registerHooks } from 'node:module'
const loaded = new Set()
registerHooks({
  resolve(name, context, next) {
    const found = next(name, context)
    const [, sdk] = /node_modules[/](@ai-sdk[/][^/]+|ai)[/]/.exec(found.url) ?? []
    if (sdk) loaded.add(sdk)
    return found
  },
})
const { createModels } = await import(${JSON.stringify(REGISTRY)})
const models = createModels({ embedder: 'none' }, { ANTHROPIC_API_KEY: 'k', OPENAI_API_KEY: 'k', OLLAMA_BASE_URL: 'http://127.0.0.1:1/v1' })
const ask = (model) => models.generate(
  { task: { kind: 'summarise' }, documents: [{ name: 'a', text: 'The moon draws the water.' }], instruction: 'Sum up.', model },
  { signal: AbortSignal.timeout(20_000) },
)
await ask('offline/extractive')
const offline = [...loaded]
await ask('ollama/llama3.2').catch(() => {})
console.log(JSON.stringify({ offline, called: [...loaded].sort() }))
`

it('loads the package of a provider when one of its models is called, and none without', async () => {
  const { stdout } = await promisify(execFile)(process.execPath, ['--input-type=module', '--eval', PROGRAM])
  expect(JSON.parse(stdout)).toEqual({
    offline: [],
    called: expect.arrayContaining(['@ai-sdk/openai-compatible']),
  })
  expect(stdout).not.toContain('anthropic')
})
