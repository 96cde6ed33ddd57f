import { mkdirSync, symlinkSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { agentFiles, listAgents } from '../../../../src/agent/room/files/agent-files.ts'
import { checkAgent, readAgent } from '../../../../src/agent/room/files/read-agent.ts'
import { agentFile, projectWith } from './project.ts'

test('an agent is found in four folders, the first of which counts', async () => {
  const project = projectWith({
    'agents/clerk.md': agentFile('ours'),
    '.claude/agents/clerk.md': agentFile('theirs'),
    '.claude/agents/scout.md': agentFile('Claude Code'),
    '.github/agents/scout.agent.md': agentFile('hidden'),
    '.github/agents/Pilot.agent.md': agentFile('GitHub', 'name: Harbour Pilot'),
    '.github/agents/mate.md': agentFile('Plain'),
    '.github/chatmodes/Tide Clock.chatmode.md': agentFile('Old form', 'disable-model-invocation: true'),
    '.github/chatmodes/notes.md': 'No mode',
    'agents/README.md': 'How we write agents',
    'agents/notes.txt': '',
  })
  const read = async (name: string) => (await readAgent(name, project)).description
  expect(await read('clerk')).toBe('ours')
  expect(await read('scout')).toBe('Claude Code')
  expect(await read('Pilot')).toBe('GitHub')
  expect(await read('pilot')).toBe('GitHub')
  expect(await read('.claude/agents/clerk.md')).toBe('theirs')
  expect(await read(join(project.folder, 'agents/clerk.md'))).toBe('ours')
  expect(await listAgents(project.folder)).toEqual([
    { name: 'clerk', description: 'ours', file: 'agents/clerk.md' },
    { name: 'scout', description: 'Claude Code', file: '.claude/agents/scout.md' },
    { name: 'pilot', title: 'Harbour Pilot', description: 'GitHub', file: '.github/agents/Pilot.agent.md' },
    { name: 'mate', description: 'Plain', file: '.github/agents/mate.md' },
    {
      name: 'tide-clock',
      title: 'Tide Clock',
      description: 'Old form',
      isManual: true,
      file: '.github/chatmodes/Tide Clock.chatmode.md',
    },
  ])
  expect((await agentFiles(project.folder)).length).toBe(7)
})

test('an agent is found by the name that its file says', async () => {
  const project = projectWith({ '.claude/agents/review.md': agentFile('x', 'name: code-reviewer') })
  expect(await readAgent('code-reviewer', project)).toMatchObject({ name: 'code-reviewer' })
  expect(await readAgent('review', project)).toMatchObject({ name: 'code-reviewer' })
})

test('an unknown agent is not found, with the closest name and all names', async () => {
  const project = projectWith({ 'agents/clerk.md': agentFile('x'), 'agents/scout.md': agentFile('y') })
  await expect(readAgent('clrek', project)).rejects.toMatchObject({
    ...{ code: 'not_found', message: 'There is no agent clrek.' },
    hint: 'Did you mean clerk? Agents: clerk, scout.',
  })
  await expect(readAgent('agents/x.md', project)).rejects.toMatchObject({ code: 'not_found' })
  await expect(readAgent('x'.repeat(5000), project)).rejects.toMatchObject({ code: 'not_found' })
  await expect(readAgent('a\0b', project)).rejects.toMatchObject({ code: 'not_found' })
  await expect(readAgent('clerk', projectWith({}))).rejects.toMatchObject({ hint: 'Expected a file agents/clerk.md.' })
})

test('a file outside of the project is refused', async () => {
  const project = projectWith({ 'x.md': agentFile('x') })
  const inside = { ...project, folder: join(project.folder, 'inside') }
  mkdirSync(inside.folder)
  for (const path of ['../x.md', join(project.folder, 'x.md'), 'agents/../../x.md'])
    await expect(readAgent(path, inside)).rejects.toMatchObject({ code: 'invalid_agent' })
  mkdirSync(join(inside.folder, 'agents'))
  symlinkSync(join(project.folder, 'x.md'), join(inside.folder, 'agents/x.md'))
  expect(await readAgent('x', inside)).toMatchObject({ name: 'x' })
})

test('AGENTS.md of the project belongs to the definition', async () => {
  const project = projectWith({ 'AGENTS.md': 'Write plainly.', 'agents/clerk.md': agentFile('x') })
  expect(await readAgent('clerk', project)).toMatchObject({ project: 'Write plainly.', instructions: 'Do it.' })
  const long = projectWith({ 'AGENTS.md': 'x'.repeat(256 * 1024 + 1), 'agents/clerk.md': agentFile('x') })
  expect(await checkAgent('clerk', long)).toEqual({
    file: 'agents/clerk.md',
    findings: [{ severity: 'error', message: 'the file is larger than 256 KiB', file: 'AGENTS.md' }],
  })
})

test('the first error is thrown with its place, and all are reported', async () => {
  const project = projectWith({
    'agents/clerk.md': agentFile('x', 'colour: red', 'tools: [Raed]', 'agents: [scuot]'),
    'agents/scout.md': agentFile('y'),
    'agents/long.md': agentFile('x'.repeat(256 * 1024)),
  })
  await expect(readAgent('clerk', project)).rejects.toMatchObject({
    ...{ name: 'InvalidError', code: 'invalid_agent', hint: 'Did you mean Read?' },
    place: { file: 'agents/clerk.md', line: 4, column: 9 },
  })
  const { definition, findings } = await checkAgent('clerk', project)
  expect(definition).toBeUndefined()
  expect(findings.map(({ severity, line }) => [severity, line])).toEqual([
    ['warning', 3],
    ['error', 4],
    ['error', 5],
  ])
  expect(findings[0]!.hint).toBe('Did you mean color?')
  await expect(readAgent('long', project)).rejects.toMatchObject({ code: 'invalid_agent' })
})

test('a playbook is a file of the project', async () => {
  const files = {
    'agents/clerk.md': agentFile('x', 'playbook: playbooks/day.yaml'),
    'agents/thief.md': agentFile('x', 'playbook: ../day.yaml'),
    'agents/guess.md': agentFile('x', 'playbook: playbooks'),
    'playbooks/day.yaml': 'steps: []',
  }
  const project = projectWith(files)
  expect(await readAgent('clerk', project)).toMatchObject({ playbook: 'playbooks/day.yaml' })
  await expect(readAgent('thief', project)).rejects.toMatchObject({ code: 'invalid_agent' })
  await expect(readAgent('guess', project)).rejects.toMatchObject({ code: 'invalid_agent' })
})
