import { mkdirSync } from 'node:fs'
import { expect, test } from 'vitest'
import { answer, call, openGoals } from '../../goal/folder.ts'
import { agentFile, skillFile } from './project.ts'

test('a file in the style of Claude Code works on a goal, with its skills and the instructions of the project', async () => {
  const { runtime, write, path, model } = await openGoals([
    call('filesystem_read', { path: 'a.txt' }),
    call('read_skill', { name: 'tides' }),
    answer('ebb'),
  ])
  for (const folder of ['.claude/agents', '.claude/skills/tides']) mkdirSync(path(folder), { recursive: true })
  write('a.txt', 'ebb at noon')
  write('AGENTS.md', 'Write about harbours plainly.')
  write('.claude/skills/tides/SKILL.md', skillFile('tides', 'Ebb is low water.'))
  const head =
    'name: reader\ndescription: Reads. Example: user: "What is ebb?"\ntools: Read, TodoWrite\nmodel: opus\ncolor: red'
  write('.claude/agents/reader.md', `---\n${head}\n---\nYou read notes.\n`)
  const { id } = await runtime.goals.start({ agent: 'reader', goal: 'When is ebb?' })
  await runtime.idle()
  expect(await runtime.goals.list()).toMatchObject([{ id, goal: 'When is ebb?' }])
  expect(await runtime.goals.get(id)).toMatchObject({ agent: 'reader', status: 'completed', answer: 'ebb' })
  const prompts = model.calls.map(({ prompt }) => prompt)
  expect(prompts[0]).toContain('You read notes.')
  expect(prompts[0]).toContain('Write about harbours plainly.')
  expect(prompts[0]).toContain('- tides: Knows tides')
  expect(prompts[0]).not.toContain('Ebb is low water.')
  expect(prompts[2]).toContain('Ebb is low water.')
})

test('a goal does not start when the file of its agent is wrong', async () => {
  const { runtime, write, path } = await openGoals([])
  mkdirSync(path('agents'))
  write('agents/reader.md', '---\ndescription: Reads\npermissionMode: bypassPermissions\n---\nRead.\n')
  await expect(runtime.goals.start({ agent: 'reader', goal: 'Read.' })).rejects.toMatchObject({
    ...{ code: 'invalid_agent', message: '`permissionMode: bypassPermissions` would widen the rights of the agent' },
    place: { file: 'agents/reader.md', line: 3, column: 17 },
  })
  await expect(runtime.goals.start({ agent: 'raeder', goal: 'Read.' })).rejects.toMatchObject({
    ...{ code: 'not_found', hint: 'Did you mean reader? Agents: reader.' },
  })
  expect(await runtime.goals.list()).toEqual([])
})

test('the findings in a file that works all the same are said once', async () => {
  const lines: string[] = []
  const notice = (line: string) => void lines.push(line)
  const { runtime, write, path } = await openGoals([answer('ebb')], '', { notice })
  mkdirSync(path('.claude/agents'), { recursive: true })
  write('.claude/agents/reader.md', agentFile('Reads', 'model: sonnet', 'maxTruns: 3'))
  for (const goal of ['Read.', 'Read more.']) await runtime.goals.start({ agent: 'reader', goal })
  await runtime.idle()
  expect(lines).toEqual([
    '.claude/agents/reader.md:3:8: info: `sonnet` is not configured here: the default model is used',
    '.claude/agents/reader.md:4:1: warning: the key `maxTruns` is unknown and is ignored. Did you mean maxTurns?',
  ])
})

test('a goal tells which tools of its file mean nothing here', async () => {
  const { runtime, write, path } = await openGoals([answer('ebb')], '', { notice: () => {} })
  mkdirSync(path('.github/agents'), { recursive: true })
  write('.github/agents/reader.agent.md', agentFile('Reads', "tools: [read, 'azure/*']"))
  const { id } = await runtime.goals.start({ agent: 'reader', goal: 'Read.' })
  await runtime.idle()
  expect(await runtime.goals.get(id)).toMatchObject({
    ...{ status: 'completed', answer: 'ebb' },
    toolNotes: ['`azure/*`: there is no server `azure`, so the agent does not get it'],
  })
})
