import { chmodSync, mkdirSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { expect, test } from 'vitest'
import type { Skill } from '../../../src/agent/definition/definition.ts'
import type { Json } from '../../../src/kernel/schema.ts'
import { bubblewrap } from '../../../src/sandbox/bubblewrap.ts'
import { answer, CLERK, call, openGoals } from './folder.ts'

const skill = (name: string, body = 'Read ref.md.'): Skill => ({
  ...{ name, description: `Does ${name}`, body, folder: `skills/${name}` },
})
const gap = await bubblewrap.check()

/** What a goal gets back for one call; its agent has the skill `tides`, and the project has `other`, too. */
async function resultOf(name: string, input: Json, tools: readonly string[] = ['filesystem'], body?: string) {
  const { folder, path, write, runtime } = await openGoals([call(name, input, 1), answer('done')])
  chmodSync(folder, 0o755)
  for (const one of ['tides', 'other']) {
    mkdirSync(path(`skills/${one}`), { recursive: true })
    write(`skills/${one}/ref.md`, `ebb of ${one}`)
    write(`skills/${one}/run.sh`, 'cat skills/tides/ref.md; ls skills; echo x > skills/tides/new || echo refused')
  }
  const agent = { ...CLERK, tools, approve: 'none' as const, skills: [skill('tides', body)] }
  const { id } = await runtime.goals.start({ agent, goal: 'Go.' })
  await runtime.idle()
  const { outcome, result } = (await runtime.goals.get(id)).rounds[0]!.calls[0]!
  return { outcome, result: String(result), path }
}

test('read_skill says where the files of the skill lie, and pages long instructions', async () => {
  expect((await resultOf('read_skill', { name: 'tides' })).result).toBe(
    'The files of the skill lie in skills/tides. They can be read. Scripts among them run only in a sandbox.\n\nRead ref.md.',
  )
  const long = `${'a'.repeat(8192)}b`
  expect((await resultOf('read_skill', { name: 'tides' }, [], long)).result).toContain('This is page 1 of 2.')
  expect((await resultOf('read_skill', { name: 'tides', page: 2 }, [], long)).result).toBe('b')
  expect(await resultOf('read_skill', { name: 'tides', page: 3 }, [], long)).toMatchObject({ outcome: 'refused' })
})

test.each<[string, Json]>([
  ['filesystem_read', { path: 'skills/tides/ref.md' }],
  ['filesystem_list', { path: 'skills/tides' }],
  ['filesystem_exists', { path: 'skills/tides/ref.md' }],
  ['filesystem_search', { path: 'skills/tides', text: 'ebb' }],
])('%s works in the folder of a skill of the agent', async (name, input) => {
  const { outcome, result } = await resultOf(name, input)
  expect(outcome).toBe('succeeded')
  expect(result).toContain('ref.md')
})

test.each<[string, Json]>([
  ['filesystem_read', { path: 'skills/other/ref.md' }],
  ['filesystem_list', { path: 'skills' }],
  ['filesystem_write', { path: 'skills/tides/ref.md', content: 'flow' }],
  ['filesystem_write', { path: 'skills/tides/new.md', content: 'flow' }],
  ['filesystem_append', { path: 'skills/tides/ref.md', content: 'flow' }],
  ['filesystem_move', { path: 'skills/tides/ref.md', destination: 'ref.md' }],
  ['filesystem_delete', { path: 'skills/tides' }],
])('%s %j is refused', async (name, input) => {
  const { outcome, result, path } = await resultOf(name, input)
  expect(outcome).toBe('failed')
  expect(result).toContain('outside_root')
  expect(await readFile(path('skills/tides/ref.md'), 'utf8')).toBe('ebb of tides')
})

test.skipIf(gap !== undefined)(
  'a script of a skill runs in the sandbox, which shows that skill only, to be read',
  async () => {
    const ran = await resultOf('terminal_execute', { command: 'sh skills/tides/run.sh', shell: true }, ['terminal'])
    expect(ran.outcome).toBe('succeeded')
    expect(ran.result).toContain('"sandbox":"bubblewrap"')
    expect(ran.result).toContain(String.raw`"stdout":"ebb of tidestides\nrefused\n"`)
  },
)

test.skipIf(gap !== undefined)('code in Python reads the files of a skill', async () => {
  const code = 'print(open("ref.md").read())'
  const ran = await resultOf('python-executor_execute', { code, files: ['skills/tides/ref.md'] }, ['python-executor'])
  expect(ran.result).toContain('ebb of tides')
})
