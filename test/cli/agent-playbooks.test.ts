import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { answer, CLERK, call, openGoals } from '../agent/goal/folder.ts'
import { openBench } from './commands.ts'
import { runHere } from './here.ts'
import { REAL } from './programs.ts'

test('what an agent has learned is listed, shown, accepted, followed, exported, run, rejected and forgotten', async () => {
  const append = call('filesystem_append', { path: 'a.txt', content: 'news' })
  const { runtime, folder, path, write } = await openGoals([append, answer('Done.')])
  const agent = { ...CLERK, learn: 'propose' as const, approve: [] }
  await runtime.goals.start({ agent, goal: 'Append news to a.txt', id: 'one' })
  await runtime.idle()
  await runtime.stop()
  write('antiphon.yaml', 'writes: [.]\n')
  mkdirSync(path('agents'))
  const head = `name: clerk\ndescription: ${agent.description}\nlearn: propose\napprove: []\nskills: []`
  write(
    'agents/clerk.md',
    `---\n${head}\ntools: [filesystem:read, filesystem:append, filesystem:list]\n---\n${agent.instructions}\n`,
  )
  const here = (...args: string[]) => runHere(REAL, args, { folder })
  const playbooks = (...args: string[]) => here('agent', 'playbooks', ...args)

  const [listed] = JSON.parse((await playbooks('list', '--json')).out) as [{ id: string }]
  const { id } = listed
  expect(listed).toMatchObject({ agent: 'clerk', status: 'proposed', goal: 'one', uses: 0, failures: 0 })
  expect((await playbooks('list', 'clerk')).out).toMatch(/proposed .*Append \{content\} to \{path\}/)
  expect((await playbooks('list', 'other')).err).toContain('Nothing was learned here yet')
  expect((await playbooks('show', id)).out).toMatch(
    new RegExp(`^${id}, for goals like: Append \\{content\\} to \\{path\\}\nproposed, learned from one`),
  )
  expect(await playbooks('show', `${id.slice(0, -1)}z`)).toMatchObject({
    code: 2,
    err: expect.stringMatching(new RegExp(`There is no playbook .*\n.*did you mean .${id}`, 'i')),
  })
  expect((await here('inbox')).out).toBe(
    [
      `playbook ${id} of clerk, learned from one`,
      '  for goals like: Append {content} to {path}',
      '  | append_1: filesystem:append',
      '  |   path: input `path` of the goal',
      '  |   content: input `content` of the goal',
      '  | answer: "Done."',
      `  → antiphon agent playbooks accept ${id}`,
      `  → antiphon agent playbooks reject ${id}`,
      '',
    ].join('\n'),
  )
  expect((await here('inbox', 'one')).out).toContain(`playbook ${id} of clerk`)
  expect((await here('agent', 'show', 'one')).out).toContain(
    `Learned the playbook ${id}. It waits for you: antiphon inbox`,
  )

  expect(JSON.parse((await playbooks('accept', id, '--json')).out)).toEqual({ accepted: id })
  expect((await here('inbox')).err).toContain('Nothing waits for an answer here.')
  const note = `followed playbook ${id}, no model was asked`
  const follows = await here('agent', 'run', 'clerk', 'Append more to b.txt', '--id', 'two')
  expect(follows).toMatchObject({ code: 0, out: 'Done.\n', err: expect.stringContaining(`${note}\n`) })
  expect((await here('agent', 'show', 'two')).out).toContain(`${note}  two.playbook\n`)
  const again = await here('agent', 'run', 'clerk', 'Append more to b.txt', '--json')
  expect(JSON.parse(again.out)).toMatchObject({ playbook: { name: id, learned: true, note }, tokens: 0 })
  // the offline model cannot do it
  const asks = await here('agent', 'run', 'clerk', 'Append more to b.txt', '--no-playbook')
  expect(asks).toMatchObject({ code: 1, err: expect.stringContaining('the offline model cannot choose tools') })

  const { out } = await playbooks('export', id)
  writeFileSync(path('learned.yaml'), out)
  const run = await here('run', 'learned.yaml', '-i', 'path=c.txt', '-i', 'content=news', '--json')
  expect(run.code).toBe(0)
  expect(readFileSync(path('c.txt'), 'utf8')).toBe('news')
  expect((await playbooks('reject', id)).err).toBe(`${id} is rejected.\n`)
  expect((await here('agent', 'run', 'clerk', 'Append more to b.txt')).code).toBe(1)
  expect(JSON.parse((await playbooks('forget', id, '--json')).out)).toEqual({ forgotten: id })
  expect(await playbooks('forget', id)).toMatchObject({ code: 2, err: expect.stringContaining('There is no playbook') })
})

test('a folder without work has no playbooks', async () => {
  const { err } = await runHere(REAL, ['agent', 'playbooks', 'list'], openBench())
  expect(err).toContain('Nothing was learned here yet')
})
