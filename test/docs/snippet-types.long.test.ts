import { globSync } from 'node:fs'
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { API } from 'typescript/unstable/sync'
import { expect, onTestFinished, test } from 'vitest'
import { ROOT, read } from './program.ts'

const PAGES = globSync(
  ['README.md', 'docs/*.md', 'docs/how-to/*.md', 'examples/**/*.md', 'packages/*/README.md', 'skills/**/*.md'],
  { cwd: ROOT, exclude: ['**/node_modules/**'] },
).sort()

/** A program of a page: its file, and the line of the page where it begins. */
type Snippet = { readonly page: string; readonly file: string; readonly line: number; readonly text: string }

/** The name that a comment on the first line, or the sentence above, gives to a block. */
const NAMED = /^\/\/ ([\w./-]+\.m?ts)\n|^/
const ABOVE = /`([\w./-]+\.m?ts)`[^\n`]*\n\n$/

/** The blocks of a page that import something. A block keeps its name, so that others can import it. */
function snippetsIn(page: string, text: string): readonly Snippet[] {
  const taken = new Set<string>()
  return [...text.matchAll(/^```(?:ts|typescript)\n([\s\S]*?)^```/gm)].flatMap(({ index, 1: block = '' }, place) => {
    if (!/^import /m.test(block)) return []
    const before = text.slice(0, index)
    const name = NAMED.exec(block)?.[1] ?? ABOVE.exec(before)?.[1] ?? ''
    const file = name === '' || taken.has(name) ? `block-${place}.mts` : name
    taken.add(file)
    return [{ page, file: join(page.replaceAll(/\W/g, '-'), file), line: before.split('\n').length, text: block }]
  })
}

/** Modules of a reader's project that pages import and do not show. */
const BESIDE = {
  'README-md/payments.mts': `export const payments = {
  refund: async (order: string, cents: number, options: { readonly idempotencyKey: string }) => order + cents + options.idempotencyKey,
}`,
  'docs-tool-calls-md/services.mts': `export const shop = { reserve: async (item: string, key: string) => item + key }
export const bank = { pay: async (cents: number, key: string) => cents + key }
export const mail = { send: async (to: string, text: string) => void [to, text] }`,
  // packages without types here
  'untyped.d.ts': "declare module 'express'\ndeclare module 'redis' { export * from '@redis/client' }",
}

const OPTIONS = {
  extends: '../../../tsconfig.json',
  compilerOptions: {
    exactOptionalPropertyTypes: false,
    noUncheckedIndexedAccess: false,
    noUnusedLocals: false,
    noUnusedParameters: false,
    lib: ['es2024', 'esnext.disposable', 'dom'],
  },
  include: [],
}

test('all programs of the pages have the right types in a strict project', async () => {
  // inside the checkout, so that its packages are found
  const folder = await mkdtemp(join(import.meta.dirname, '.snippets-'))
  onTestFinished(() => rm(folder, { recursive: true, force: true }))
  const snippets = (await Promise.all(PAGES.map(async (page) => snippetsIn(page, await read(page))))).flat()
  expect(snippets.length).toBeGreaterThan(80)
  const files = [...Object.entries(BESIDE), ...snippets.map(({ file, text }) => [file, text] as const)]
  for (const [file, text] of files) {
    await mkdir(join(folder, dirname(file)), { recursive: true })
    await writeFile(join(folder, file), text)
  }
  const config = join(folder, 'tsconfig.json')
  await writeFile(config, JSON.stringify({ ...OPTIONS, files: files.map(([file]) => file) }))
  const api = new API({ cwd: ROOT })
  onTestFinished(() => api.close())
  const { program } = api.updateSnapshot({ openProject: config }).getProject(config)!
  const faults = snippets.flatMap(({ page, file, line, text }) => {
    const path = join(folder, file)
    const found = [...program.getSyntacticDiagnostics(path), ...program.getSemanticDiagnostics(path)]
    return found.map(({ pos, text: fault }) => `${page}:${line + text.slice(0, pos).split('\n').length}: ${fault}`)
  })
  expect(faults).toEqual([])
})
