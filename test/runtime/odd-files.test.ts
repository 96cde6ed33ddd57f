import { execFileSync } from 'node:child_process'
import { mkdirSync, symlinkSync } from 'node:fs'
import { expect, test } from 'vitest'
import { loadConfig } from '../../src/config/config.ts'
import { answer, CLERK, call, openGoals } from '../agent/goal/folder.ts'

test('pipes and devices in a project hold no call', async () => {
  const { runtime, path, write, folder } = await openGoals([call('filesystem_read', { path: 'a.txt' }), answer('well')])
  write('a.txt', 'ebb')
  for (const one of ['agents', '.claude/agents', '.git', 'skills/odd'].map(path)) mkdirSync(one, { recursive: true })
  for (const one of ['agents/odd.md', 'flow.yaml', 'AGENTS.md', 'skills/odd/SKILL.md', 'prompts.txt'])
    execFileSync('mkfifo', [path(one)])
  for (const one of ['.claude/agents/zero.md', '.git/config', 'zero.yaml']) symlinkSync('/dev/zero', path(one))
  write('agents/flows.md', '---\nname: flows\ndescription: Follows\nplaybook: flow.yaml\n---\nYou follow.\n')
  write('include.yaml', 'name: p\nsteps:\n  - { id: a, action: generate, parameters: { prompt: << prompts.txt >> } }\n')
  const { id } = await runtime.goals.start({ agent: CLERK, goal: 'Read.' })
  await runtime.idle()
  expect(await runtime.goals.get(id)).toMatchObject({
    status: 'completed',
    rounds: [{ calls: [{ result: expect.stringContaining('ebb') }] }, {}],
  })
  for (const [file, message] of [
    ['flow.yaml', 'expected a file, got a pipe'],
    ['zero.yaml', 'expected a file, got a device'],
    ['include.yaml', 'prompts.txt does not exist'],
  ] as const)
    await expect(runtime.runs.start({ file: path(file) })).rejects.toThrow(message)
  await expect(runtime.goals.start({ agent: 'flows', goal: 'Go.' })).rejects.toThrow('flow.yaml')
  execFileSync('sh', ['-c', 'rm antiphon.yaml && mkfifo antiphon.yaml'], { cwd: folder })
  await expect(loadConfig({ folder, environment: {} })).rejects.toThrow('expected a file, got a pipe')
})
