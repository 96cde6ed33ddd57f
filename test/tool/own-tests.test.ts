import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { ourTools } from '../../src/runtime/services/toolbox.ts'
import { builtinTools } from '../../src/tool/builtin/tools.ts'
import type { Tool } from '../../src/tool/tool.ts'

const ROOT = join(import.meta.dirname, '../..')
const filesIn = (folder: string) =>
  readdirSync(join(ROOT, folder), { recursive: true, encoding: 'utf8' }).map((path) => `${folder}/${path}`)

/** Tests that list the names of tools, or compile calls of them, and run none. */
const NOT_OWN = /^test\/(docs|recipes|pipeline\/language|tool\/(own-tests|effect|toolbox|bad-input)\.test)/
const tests = filesIn('test')
  .filter((path) => path.endsWith('.test.ts') && !NOT_OWN.test(path))
  .map((path) => ({ path, text: readFileSync(join(ROOT, path), 'utf8') }))

/** An export that holds built-in tools: a tool, or a list of some. */
type Holder = { readonly name: string; readonly path: string; readonly tools: readonly unknown[] }
const holders: readonly Holder[] = (
  await Promise.all(
    filesIn('src/tool/builtin')
      .filter((path) => path.endsWith('.ts'))
      .map(async (path) => {
        const exported: { readonly [name: string]: unknown } = await import(join(ROOT, path))
        return Object.entries(exported).map(([name, value]) => ({ name, path, tools: [value].flat() }))
      }),
  )
)
  .flat()
  .filter(({ tools }) => tools !== builtinTools && tools.length < builtinTools.length)

const named = (word: string) => new RegExp(`['"\`]${word}['"\`]|action: ${word}\\b`)

/** A test of a built-in tool lies under `test/tool`. It uses the tool, or a list that holds it by the name of its operation. */
function testsBuiltin(text: string, tool: Tool): boolean {
  const word = named(tool.name.split(':').at(-1)!)
  return holders.some(
    ({ name, tools }) =>
      tools.includes(tool) &&
      text.includes(name) &&
      (tools.length === 1 || word.test(text) || text.includes(tool.name)),
  )
}

/** A test of another tool runs a pipeline that names it. */
function testsOther(text: string, { name }: Tool): boolean {
  const [tool = '', operation] = name.replace(':*', '').split(':')
  if (operation === undefined) return new RegExp(`tool: ${tool}\\b|'${tool}[':]`).test(text)
  return text.includes(name) || (text.includes(tool) && named(operation).test(text))
}

/** Says where the test of a tool belongs. */
function placeOf(tool: Tool): string {
  const [home] = holders.filter(({ tools }) => tools.includes(tool)).map(({ path }) => path)
  return home === undefined ? 'the tests of its folder' : home.replace(/^src\//, 'test/').replace(/\.ts$/, '.test.ts')
}

/** The tools without a test, each with the place of the missing one. */
function untested(tools: readonly Tool[]): readonly string[] {
  return tools
    .filter((tool) =>
      builtinTools.includes(tool)
        ? !tests.some(({ path, text }) => path.startsWith('test/tool/') && testsBuiltin(text, tool))
        : !tests.some(({ text }) => testsOther(text, tool)),
    )
    .map((tool) => `${tool.name} has no test of its own. Write one in ${placeOf(tool)}.`)
}

it('each tool has a test of its own', () => {
  expect(untested(ourTools)).toEqual([])
})

it('names the place of a missing test', () => {
  expect(untested([{ ...ourTools[0]!, name: 'slug:make' }])).toEqual([
    'slug:make has no test of its own. Write one in the tests of its folder.',
  ])
})
