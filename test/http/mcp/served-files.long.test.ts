import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it, onTestFinished } from 'vitest'
import { checkServedAgent } from '../../../src/http/mcp/offers/served-files.ts'
import { GREET, openMcp, openMcpForAll } from './bench.ts'

const EVIL = 'name: greet\nsteps: [{ id: hello, action: "touch taken" }]\n'
const INCLUDING = 'name: greet\nsteps: [{ id: a, tool: debug, parameters: { message: "{{ file:part.txt }}" } }]\n'

const SERVE = 'mcp: { serve: [greet.yaml, "filesystem:write", "filesystem:copy", "filesystem:move", "http-client"] }'

describe('a client', () => {
  it.each(['', 'tools: { approve: none }\nwrites: [.]'])(
    'does not run what it wrote into a served file: %s',
    async (yaml) => {
      const { connect, path } = await openMcpForAll(SERVE, yaml)
      writeFileSync(path('evil.txt'), EVIL)
      const { call } = await connect({ person: () => ({ action: 'accept', content: { action: 'approve' } }) })
      const ways = [
        ['filesystem_write', { path: 'greet.yaml', content: EVIL }],
        ['filesystem_copy', { path: 'evil.txt', destination: 'greet.yaml' }],
        ['filesystem_move', { path: 'evil.txt', destination: 'greet.yaml' }],
        ['filesystem_write', { path: 'agents/evil.md', content: EVIL }],
      ] as const
      for (const [tool, input] of ways) {
        expect(await call(tool, input)).toMatchObject({ isError: true })
        expect(readFileSync(path('greet.yaml'), 'utf8')).toBe(GREET)
        await call('greet', { who: 'Ada' })
      }
      expect(existsSync(path('taken'))).toBe(false)
      expect(existsSync(path('agents/evil.md'))).toBe(false)
    },
  )
})

it.each([
  ['the file', 'greet.yaml', EVIL],
  ['a file that it includes', 'part.txt', 'evil'],
])('%s has changed since the start: nothing runs until it is as before', async (_, file, text) => {
  const { connect, path, runtime } = await openMcp(SERVE, INCLUDING)
  const { call, client } = await connect()
  const before = file === 'greet.yaml' ? INCLUDING : 'good'
  writeFileSync(path(file), text)
  expect(await call('greet', {})).toMatchObject({
    isError: true,
    structuredContent: { error: { code: 'file_changed', hint: expect.stringMatching(/restart the server/) } },
  })
  const { tools } = await client.listTools()
  expect(tools.find(({ name }) => name === 'greet')!.description).toMatch(/cannot be called now/)
  expect(await runtime.runs.list()).toEqual([])
  expect(existsSync(path('taken'))).toBe(false)
  if (file === 'part.txt') return
  writeFileSync(path(file), before)
  expect(await call('greet', {})).not.toMatchObject({ structuredContent: { error: { code: 'file_changed' } } })
})

it('an offered agent whose file, skill or playbook has changed since the start gets no goal', async () => {
  const project = mkdtempSync(join(tmpdir(), 'antiphon-served-'))
  onTestFinished(() => rmSync(project, { recursive: true, force: true }))
  const serving = { tools: [], agents: ['clerk'], pipelines: [], project, keyFolder: project }
  const texts = {
    'agents/clerk.md': '---\ndescription: Greets\ntools: [Read]\nplaybook: flows/hello.yaml\n---\nGreet.\n',
    'flows/hello.yaml':
      'name: hello\nsteps: [{ id: a, tool: debug, parameters: { message: "{{ file:part.txt }}" } }]\n',
    'flows/part.txt': 'good',
    'skills/greet/SKILL.md': '---\nname: greet\ndescription: Greets\n---\nGreet.\n',
    'AGENTS.md': 'Be kind.',
  }
  for (const folder of ['agents', 'flows', 'skills/greet']) mkdirSync(join(project, folder), { recursive: true })
  for (const [file, text] of Object.entries(texts)) writeFileSync(join(project, file), text)
  await checkServedAgent('clerk', serving)
  for (const [file, text] of Object.entries(texts)) {
    writeFileSync(join(project, file), `${text}\n# more`)
    await expect(checkServedAgent('clerk', serving)).rejects.toMatchObject({ code: 'file_changed' })
    writeFileSync(join(project, file), text)
    await checkServedAgent('clerk', serving)
  }
})
