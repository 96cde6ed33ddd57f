import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { onTestFinished } from 'vitest'
import { AS_SOURCES } from '../as-sources.ts'

/** The checkout. */
export const ROOT = join(import.meta.dirname, '../..')

/** The text of a file of the checkout. */
export const read = (name: string) => readFile(join(ROOT, name), 'utf8')

/** The fenced blocks of a page in a language. */
export const blocksIn = (page: string, language: string) =>
  [...page.matchAll(new RegExp(`^\`\`\`${language}\\n([\\s\\S]*?)^\`\`\``, 'gm'))].map(([, block]) => block!)

const OWN = {
  antiphon: '../../src/index.ts',
  'antiphon/extend': '../../src/extend.ts',
  '@antiphon/langgraph': '../../packages/langgraph/src/index.ts',
  'antiphon/testing': '../../trials/index.ts',
}

/** An empty project whose programs find this checkout as `antiphon`, and `others`; it is removed after the test. */
export async function openProgramFolder(others: readonly string[] = []): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'antiphon-program-'))
  onTestFinished(() => rm(folder, { recursive: true, force: true }))
  const packages = ['zod', ...others].map((name) => [name, import.meta.resolve(name)])
  const found = Object.entries<string>({ ...OWN, ...Object.fromEntries(packages) })
  const urls = Object.fromEntries(found.map(([name, path]) => [name, new URL(path, import.meta.url).href]))
  const hooks = `import { registerHooks } from 'node:module'
const urls = ${JSON.stringify(urls)}
registerHooks({ resolve: (name, context, next) => (urls[name] ? { url: urls[name], shortCircuit: true } : next(name, context)) })`
  await writeFile(join(folder, 'hooks.mjs'), hooks)
  // as where antiphon alone is installed
  await writeFile(join(folder, 'antiphon.yaml'), 'embedder: none\n')
  return folder
}

/** A program of a page, run there. */
export async function runProgram(folder: string, source: string) {
  const file = join(folder, 'program.mts')
  await writeFile(file, source)
  const child = spawn(process.execPath, [...AS_SOURCES, '--import', join(folder, 'hooks.mjs'), file], { cwd: folder })
  const [out, err, [code]] = await Promise.all([text(child.stdout), text(child.stderr), once(child, 'close')])
  return { code, out, err }
}
