import { cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { loadConfig } from '../src/config.ts'
import { createRuntime } from '../src/runtime.ts'

const ROOT = join(import.meta.dirname, '..')

/** The fenced blocks of a document, by language. */
async function blocks(document: string, language: string): Promise<readonly string[]> {
  const text = await readFile(join(ROOT, document), 'utf8')
  return [...text.matchAll(new RegExp(`^\`\`\`${language}\\n([\\s\\S]*?)^\`\`\``, 'gm'))].map(([, body]) => body!)
}

/** A project with the checkout's documents. */
async function openProject(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'antiphon-docs-'))
  onTestFinished(() => rm(folder, { recursive: true, force: true }))
  for (const name of ['README.md', 'CONTRIBUTING.md', 'docs'])
    await cp(join(ROOT, name), join(folder, name), { recursive: true })
  return folder
}

async function run(folder: string, name: string, text: string) {
  const config = await loadConfig({ folder, environment: {} })
  const runtime = await createRuntime({ ...config, embedder: 'none' })
  onTestFinished(() => runtime.stop())
  const file = join(folder, `${name}.yaml`)
  await writeFile(file, text)
  expect((await runtime.validate(file)).findings.filter(({ severity }) => severity !== 'info')).toEqual([])
  const { id } = await runtime.startRun({ file })
  await runtime.idle()
  return runtime.run(id)
}

test("README's pipeline runs", async () => {
  const [pipeline] = await blocks('README.md', 'yaml')
  expect(await run(await openProject(), 'notes', pipeline!)).toMatchObject({
    status: 'completed',
    outputs: { summary: expect.stringContaining('- ') },
  })
})

test('the first pipeline of the reference runs', async () => {
  const [pipeline] = await blocks('docs/pipelines.md', 'yaml')
  const folder = await openProject()
  expect(await run(folder, 'digest', pipeline!)).toMatchObject({
    status: 'completed',
    outputs: { file: expect.stringContaining('digest.md') },
  })
  expect(await readFile(join(folder, 'digest.md'), 'utf8')).toContain('- ')
})

test("README's actor counts", async () => {
  const [program] = await blocks('README.md', 'ts')
  const folder = await mkdtemp(join(tmpdir(), 'antiphon-readme-'))
  onTestFinished(() => rm(folder, { recursive: true, force: true }))
  const source = program!
    .replace(`folder: '.'`, `folder: ${JSON.stringify(folder)}`)
    .replace('console.log(', 'globalThis.counted = (')
  const file = join(ROOT, 'test', `.readme-${process.pid}.ts`)
  onTestFinished(() => rm(file, { force: true }))
  await writeFile(file, source)
  await import(file)
  expect((globalThis as { counted?: number }).counted).toBe(1)
})
