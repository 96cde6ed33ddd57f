import { execFileSync } from 'node:child_process'
import { chmodSync, mkdirSync, symlinkSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { listAgents } from '../../../../src/agent/room/files/agent-files.ts'
import { agentNames } from '../../../../src/agent/room/files/agent-names.ts'
import { checkAgent, readAgent } from '../../../../src/agent/room/files/read-agent.ts'
import { readSkills } from '../../../../src/agent/room/files/read-skills.ts'
import { agentFile, projectWith, skillFile } from './project.ts'

/** What may lie at a path where a file is expected, and its fault. */
const ODD: readonly (readonly [what: string, make: (path: string) => void, fault: string])[] = [
  ['a link in a circle', (path) => symlinkSync(path, path), 'the file cannot be read: its links lead in a circle'],
  ['a folder', (path) => mkdirSync(path), 'expected a file, got a folder'],
  ['a pipe', (path) => void execFileSync('mkfifo', [path]), 'expected a file'],
]

test.each(ODD)('%s among the agents is a finding of its own', async (_, make, message) => {
  const project = projectWith({ 'agents/clerk.md': agentFile('Keeps notes') })
  make(join(project.folder, 'agents/odd.md'))
  expect(await readAgent('clerk', project)).toMatchObject({ name: 'clerk' })
  expect(await listAgents(project.folder)).toMatchObject([
    { name: 'clerk', description: 'Keeps notes' },
    { name: 'odd' },
  ])
  expect(agentNames(project.folder)).toContain('clerk')
  expect(await checkAgent('odd', project)).toEqual({
    file: 'agents/odd.md',
    findings: [{ severity: 'error', message, file: 'agents/odd.md' }],
  })
  await expect(readAgent('odd', project)).rejects.toMatchObject({ code: 'invalid_agent' })
})

test.each(ODD)('%s instead of a skill is a warning for its agents, unless they name it', async (_, make, message) => {
  const project = projectWith({
    'agents/clerk.md': agentFile('Keeps notes'),
    'agents/odd.md': agentFile('Is odd', 'skills: [odd]'),
    'skills/letters/SKILL.md': skillFile('letters'),
  })
  mkdirSync(join(project.folder, 'skills/odd'))
  make(join(project.folder, 'skills/odd/SKILL.md'))
  const notices: string[] = []
  const found = await readAgent('clerk', { ...project, notice: (line) => notices.push(line) })
  expect(found.skills.map(({ name }) => name)).toEqual(['letters'])
  expect(notices).toEqual([`skills/odd/SKILL.md: warning: ${message}`])
  await expect(readAgent('odd', project)).rejects.toMatchObject({ code: 'invalid_agent' })
})

test('a skill whose playbook cannot be read is left out', async () => {
  const project = projectWith({ 'skills/letters/SKILL.md': skillFile('letters') })
  const playbook = join(project.folder, 'skills/letters/playbook.yaml')
  symlinkSync(playbook, playbook)
  expect(await readSkills(project.folder)).toMatchObject([
    { name: 'letters', findings: [{ file: 'skills/letters/playbook.yaml' }] },
  ])
})

test('a folder that cannot be read has no agents, and ends no others', async () => {
  const project = projectWith({ '.claude/agents/clerk.md': agentFile('Keeps notes') })
  for (const name of ['agents', 'skills']) symlinkSync(join(project.folder, name), join(project.folder, name))
  expect(await readAgent('clerk', project)).toMatchObject({ name: 'clerk', skills: [] })
})

test.skipIf(process.getuid?.() === 0)('a file without permission is a finding of its own', async () => {
  const project = projectWith({ 'agents/clerk.md': agentFile('Keeps notes'), 'agents/odd.md': agentFile('Is odd') })
  chmodSync(join(project.folder, 'agents/odd.md'), 0)
  expect(await readAgent('clerk', project)).toMatchObject({ name: 'clerk' })
  expect(await checkAgent('odd', project)).toMatchObject({
    findings: [{ message: 'the file cannot be read: permission is denied' }],
  })
})
