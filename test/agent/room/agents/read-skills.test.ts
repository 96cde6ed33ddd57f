import { expect, test } from 'vitest'
import { checkAgent, readAgent } from '../../../../src/agent/room/files/read-agent.ts'
import { agentFile, projectWith, skillFile } from './project.ts'

const FILES = {
  'skills/letters/SKILL.md': skillFile('letters'),
  'skills/letters/playbook.yaml': 'steps: []',
  '.claude/skills/letters/SKILL.md': skillFile('letters', 'Hidden.'),
  '.claude/skills/tides/SKILL.md':
    '---\ndescription: >\n  Reads\n  tables\nallowed-tools: Read\n---\nLook at the table.',
  'skills/empty/notes.txt': '',
  'agents/all.md': agentFile('x'),
  'agents/one.md': agentFile('x', 'skills: [tides]'),
  'agents/none.md': agentFile('x', 'skills: []'),
}

const LETTERS = {
  ...{ name: 'letters', description: 'Knows letters', body: 'Do it well.' },
  ...{ folder: 'skills/letters', playbook: 'skills/letters/playbook.yaml' },
}
const TIDES = {
  ...{ name: 'tides', description: 'Reads tables', body: 'Look at the table.' },
  folder: '.claude/skills/tides',
}

test('an agent has all skills of the project, or those that its file names', async () => {
  const project = projectWith(FILES)
  expect((await readAgent('all', project)).skills).toEqual([LETTERS, TIDES])
  expect((await readAgent('one', project)).skills).toEqual([TIDES])
  expect((await readAgent('none', project)).skills).toEqual([])
})

test('an invalid skill is reported with its file', async () => {
  const project = projectWith({
    ...FILES,
    'skills/bad/SKILL.md': '---\nname: bad\n---\nx',
    'skills/bare/SKILL.md': 'no front matter',
    'skills/huge/SKILL.md': skillFile('huge', 'x'.repeat(256 * 1024)),
    'agents/bad.md': agentFile('x', 'skills: bad, letters'),
  })
  const all = await checkAgent('all', project)
  expect(all.definition!.skills).toEqual([LETTERS, TIDES])
  expect(all.findings.map(({ severity, file }) => [severity, file])).toEqual([
    ['warning', 'skills/bad/SKILL.md'],
    ['warning', 'skills/bare/SKILL.md'],
    ['warning', 'skills/huge/SKILL.md'],
  ])
  await expect(readAgent('bad', project)).rejects.toMatchObject({
    ...{ code: 'invalid_agent', message: 'the skill has no `description`' },
    place: { file: 'skills/bad/SKILL.md' },
  })
})

test('a skill that no model may choose is in no agent', async () => {
  const manual = (value: string) => skillFile('tides').replace('\n---', `\ndisable-model-invocation: ${value}\n---`)
  const skillsOf = async (value: string) => {
    const project = projectWith({ 'skills/tides/SKILL.md': manual(value), 'agents/one.md': agentFile('x') })
    return (await readAgent('one', project)).skills.map(({ name }) => name)
  }
  for (const value of ['true', '"true"', 'yes']) expect(await skillsOf(value), value).toEqual([])
  for (const value of ['false', '"false"', '']) expect(await skillsOf(value), value).toEqual(['tides'])
})
