import { readFileSync, writeFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { answer, CLERK, call, openGoals } from '../agent/goal/folder.ts'
import { openBench } from './commands.ts'
import { runHere } from './here.ts'
import { REAL } from './programs.ts'

test('what an agent has learned is listed, shown, exported, run and forgotten', async () => {
  const append = call('filesystem_append', { path: 'a.txt', content: 'x' })
  const { runtime, folder, path, write } = await openGoals([append, answer('Done.')])
  await runtime.goals.start({ agent: { ...CLERK, approve: [] }, goal: 'Append to a.txt', id: 'one' })
  await runtime.idle()
  await runtime.stop()
  write('antiphon.yaml', '')
  const playbooks = (...args: string[]) => runHere(REAL, ['agent', 'playbooks', ...args], { folder })

  const [listed] = JSON.parse((await playbooks('list', '--json')).out) as [{ id: string }]
  const { id } = listed
  expect(listed).toMatchObject({ agent: 'clerk', form: 'Append to {path}', goal: 'one', uses: 0, failures: 0 })
  expect((await playbooks('list', 'clerk')).out).toContain('Append to {path}')
  expect((await playbooks('list', 'other')).err).toContain('Nothing was learned here yet')
  expect((await playbooks('show', id)).out).toContain(`${id}, for goals like: Append to {path}\nlearned from one`)
  expect(await playbooks('show', `${id.slice(0, -1)}z`)).toMatchObject({
    code: 2,
    err: expect.stringMatching(new RegExp(`There is no playbook .*\n.*did you mean .${id}`, 'i')),
  })
  const { out } = await playbooks('export', id)
  writeFileSync(path('learned.yaml'), out)
  expect((await runHere(REAL, ['run', 'learned.yaml', '-i', 'path=b.txt', '--json'], { folder })).code).toBe(0)
  expect(readFileSync(path('b.txt'), 'utf8')).toBe('x')
  expect(JSON.parse((await playbooks('forget', id, '--json')).out)).toEqual({ forgotten: id })
  expect(await playbooks('forget', id)).toMatchObject({ code: 2, err: expect.stringContaining('There is no playbook') })
})

test('a folder without work has no playbooks', async () => {
  const { err } = await runHere(REAL, ['agent', 'playbooks', 'list'], openBench())
  expect(err).toContain('Nothing was learned here yet')
})
