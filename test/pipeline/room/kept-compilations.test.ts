import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { type CompileContext, compileText } from '../../../src/pipeline/language/compile.ts'
import { compileBundle, compileFile } from '../../../src/pipeline/language/compile-file.ts'
import { KeptCompilations } from '../../../src/pipeline/room/compile/kept-compilations.ts'
import { callbackTools } from '../../../src/pipeline/tools/callback-tools.ts'
import { builtinTools } from '../../../src/tool/builtin/tools.ts'
import { createToolbox } from '../../../src/tool/toolbox.ts'
import { tool } from '../workshop.ts'

const say = (text: string) => `steps: [{ id: a, tool: say, parameters: { text: ${JSON.stringify(text)} } }]`
const FILES = {
  'flows/p.yaml': `name: p
inputs: { topic: tides }
steps:
  - { id: a, tool: say, parameters: { text: "{{ file:note.md }}" } }
  - { id: b, tool: pipeline-executor, parameters: { pipeline: child.yaml } }
  - { id: c, tool: agent, parameters: { agent: critic, goal: hello } }
  - { id: d, action: generate, parameters: { prompt: hello, model: swift } }
  - { id: e, tool: filesystem, action: read, parameters: { path: notes.md } }
`,
  'prompts/note.md': 'a note',
  'flows/child.yaml': `name: child\nsteps:
  - { id: a, tool: say, parameters: { text: "{{ file:below.md }}" } }
  - { id: b, tool: pipeline-executor, parameters: { pipeline: grandchild.yaml } }
`,
  'flows/below.md': 'below',
  'flows/grandchild.yaml': `name: grandchild\n${say('{{ topic }}')}`,
}

/** A folder with these files, which compiles `flows/p.yaml`; `counts` has one entry for each real compilation. */
function workshop() {
  const folder = mkdtempSync(join(tmpdir(), 'antiphon-kept-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  const write = (path: string, text: string) => {
    mkdirSync(dirname(join(folder, path)), { recursive: true })
    writeFileSync(join(folder, path), text)
  }
  for (const [path, text] of Object.entries(FILES)) write(path, text)
  const counts = { compiled: 0 }
  const compileCounted: typeof compileText = (text, context) => {
    counts.compiled++
    return compileText(text, context)
  }
  const kept = new KeptCompilations(compileCounted)
  const toolbox = createToolbox([tool('say', () => null, 'pure'), ...callbackTools, ...builtinTools])
  const names = { models: ['swift'], agents: ['critic'], roots: [folder] }
  async function compile(more: Partial<CompileContext> = {}, scope: readonly string[] = ['local']) {
    const context = {
      ...{ toolbox, shown: 'p.yaml', project: folder, roots: names.roots },
      findModel: (name: string) => names.models.find((one) => one === name),
      agentNames: () => names.agents,
      ...more,
    }
    const path = join(folder, 'flows/p.yaml')
    const made = await compileFile(path, context, kept.within(scope))
    // whatever is kept, the result is that of the compiler
    expect(made).toEqual(await compileFile(path, context))
    return made
  }
  return { folder, write, counts, kept, toolbox, names, compile }
}
type Workshop = ReturnType<typeof workshop>

test('a pipeline that is compiled again is the same one', async () => {
  const { compile, counts } = workshop()
  const first = await compile()
  expect(first).toMatchObject({ findings: [], pipeline: { name: 'p' } })
  expect(await compile()).toBe(first)
  expect(counts.compiled).toBe(1)
  expect(Object.isFrozen(first.pipeline!.steps.a)).toBe(true)
})

const CHANGES: { readonly [what: string]: (shop: Workshop) => unknown } = {
  'its file': ({ write }) => write('flows/p.yaml', `name: p\n${say('other')}`),
  'an included file': ({ write }) => write('prompts/note.md', 'another note'),
  'a file that hides an included one': ({ write }) => write('flows/note.md', 'a note'),
  'an included file that is gone': ({ folder }) => rmSync(join(folder, 'prompts/note.md')),
  'a child pipeline': ({ write }) => write('flows/child.yaml', `name: child\n${say('{{ nosuch }}')}`),
  'a child pipeline that is gone': ({ folder }) => rmSync(join(folder, 'flows/child.yaml')),
  'a file that a child pipeline includes': ({ write }) => write('flows/below.md', '{{ nosuch }}'),
  'a pipeline below a child pipeline': ({ write }) => write('flows/grandchild.yaml', 'name: g\nsteps: ['),
  'an included file that is a link now': ({ folder }) => {
    rmSync(join(folder, 'prompts/note.md'))
    symlinkSync(join(folder, 'flows/below.md'), join(folder, 'prompts/note.md'))
  },
  'the roots': ({ names }) => (names.roots = ['/nowhere']),
  'the models': ({ names }) => (names.models = []),
  'the agents': ({ names }) => (names.agents = []),
  'the tools': ({ toolbox }) => toolbox.learnServer('far', [tool('far:echo', () => null, 'pure')]),
}

test.each(Object.keys(CHANGES))('is compiled again after a change: %s', async (what) => {
  const shop = workshop()
  await shop.compile()
  CHANGES[what]!(shop)
  await shop.compile()
  expect(shop.counts.compiled).toBe(2)
})

test.each([
  ['names of inputs', { given: ['other'] }, ['local']],
  ['strictness', { strict: true }, ['local']],
  ['strategy', { strategy: 'parallel' }, ['local']],
  ['owner', {}, ['ann']],
] as const)('is compiled for each %s', async (_, more, scope) => {
  const { compile, counts } = workshop()
  await compile()
  await compile(more, scope)
  expect(counts.compiled).toBe(2)
  await compile()
  await compile(more, scope)
  expect(counts.compiled).toBe(2)
})

test('texts of one owner share nothing that their files do not give', () => {
  const { kept, counts, toolbox } = workshop()
  const compile = (note: string) => {
    const bundle = { name: 'p.yaml', text: FILES['flows/child.yaml'], files: { 'below.md': note } }
    return JSON.stringify(compileBundle(bundle, { toolbox }, kept.within(['ann'])))
  }
  expect(compile('one')).toContain('"one"')
  expect(compile('one')).toContain('"one"')
  expect(counts.compiled).toBe(1)
  expect(compile('two')).toContain('"two"')
  expect(counts.compiled).toBe(2)
})

test('warnings stay, and errors are found anew', async () => {
  const { compile, write, counts } = workshop()
  write('flows/p.yaml', `name: p\nnosuch: 1\n${say('x')}`)
  const warned = await compile()
  expect(warned.findings).toMatchObject([{ severity: 'warning' }])
  expect(await compile()).toBe(warned)
  expect(counts.compiled).toBe(1)
  write('flows/p.yaml', 'name: p\nsteps: [')
  for (const _ of [1, 2]) expect((await compile()).pipeline).toBeUndefined()
  expect(counts.compiled).toBe(3)
})

test('the one that was used longest ago leaves: behind 64, or 16 million characters', () => {
  const { kept, counts, toolbox } = workshop()
  const compile = (n: number, megabytes = 0) => {
    const files = { 'note.md': 'x'.repeat(1_000_000) }
    const notes = Array.from({ length: megabytes }, (_, at) => `n${at}: "{{ file:note.md }}"`)
    const text = `name: p${n}\nsteps: [{ id: a, tool: say, parameters: { ${notes.join(', ')} } }]`
    compileBundle({ name: 'p.yaml', text, files }, { toolbox }, kept.within([]))
  }
  for (let n = 0; n < 64; n++) compile(n)
  compile(0)
  expect(counts.compiled).toBe(64)
  compile(64)
  compile(0)
  expect(counts.compiled).toBe(65)
  compile(1)
  expect(counts.compiled).toBe(66)
  for (const _ of [1, 2]) compile(100, 4)
  expect(counts.compiled).toBe(67)
  // the newest of the small ones stay
  compile(1)
  expect(counts.compiled).toBe(67)
  compile(10)
  expect(counts.compiled).toBe(68)
  for (const _ of [1, 2]) compile(101, 9)
  expect(counts.compiled).toBe(70)
})
